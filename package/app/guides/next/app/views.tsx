import type { User } from 'latchkey/shared';
import type { ReactNode } from 'react';

export declare const Home: (props: { user: User }) => ReactNode;
export declare const SignIn: () => ReactNode;
