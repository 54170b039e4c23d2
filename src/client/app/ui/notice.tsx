import type { ReactNode } from 'react';
import { KeyIcon } from './icons.tsx';

interface NoticeProps {
  /** `alert` interrupts a screen reader, `status` waits for a pause. */
  role: 'alert' | 'status';
  children: ReactNode;
}

export const Notice = ({ role, children }: NoticeProps) => (
  <div
    role={role}
    className="flex animate-rise gap-3 rounded-2xl bg-brass-soft px-4 py-3 text-[0.9375rem] text-on-brass"
  >
    <KeyIcon className="mt-0.5 size-5 shrink-0" />
    <p className="min-w-0 flex-1">{children}</p>
  </div>
);
