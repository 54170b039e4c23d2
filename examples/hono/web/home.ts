import { createTRPCClient } from '@trpc/client';
import type { User } from 'latchkey/shared';
import type { AppRouter } from '../server/router.ts';
import { auth } from './auth.ts';
import { attempt, onClick, setText, show } from './view.ts';

const trpc = createTRPCClient<AppRouter>({ links: auth.links() });

const sayHello = () => attempt(async () => setText('[data-hello]', await trpc.hello.query()));

export const showHome = (user: User): void => {
  show('home');
  setText('main h1', user.username ?? '');
  onClick('[data-say-hello]', () => void sayHello());
  onClick('[data-sign-out]', () => void auth.signOut());
  void sayHello();
};
