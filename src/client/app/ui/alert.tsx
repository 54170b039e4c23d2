import type { ReactNode } from 'react';
import type { Explanation } from '../words/explain.ts';
import { AlertIcon } from './icons.tsx';

interface AlertProps {
  refusal: Explanation;
  /** What can be done about it right here. */
  action?: ReactNode;
}

/** A refusal in plain words. Unexpected ones carry the id under which the log knows them. */
export const Alert = ({ refusal, action }: AlertProps) => (
  <div
    role="alert"
    className="flex animate-rise gap-3 rounded-2xl border border-danger-line bg-danger-soft px-4 py-3 text-[0.9375rem]"
  >
    <AlertIcon className="mt-0.5 size-5 shrink-0 text-danger" />
    <div className="min-w-0 flex-1">
      <p>{refusal.text}</p>
      {refusal.reference !== undefined && (
        <p className="mt-1 text-[0.8125rem] break-all text-muted">Reference: {refusal.reference}</p>
      )}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  </div>
);
