import type { ReactNode } from 'react';
import { KeyRack } from '../ui/key-rack.tsx';

/** A form on the left, and on wide screens the key rack beside it. */
export const FormLayout = ({ children }: { children: ReactNode }) => (
  <div className="grid items-stretch gap-16 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)] xl:gap-28">
    <div className="mx-auto w-full max-w-104 lg:mx-0 lg:py-6">{children}</div>
    <KeyRack className="hidden lg:block" />
  </div>
);
