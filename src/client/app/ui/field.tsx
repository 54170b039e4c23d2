import { type ComponentProps, type ReactNode, useId } from 'react';
import { classes } from './classes.ts';
import { FieldMessage, type FieldProblem } from './field-message.tsx';

export interface FieldProps extends ComponentProps<'input'> {
  label: string;
  problem?: FieldProblem | undefined;
  hint?: string | undefined;
  /** Stands at the end of the input, inside its frame. */
  adornment?: ReactNode;
}

/** A labelled input with its hint, which gives way to its error. */
export const Field = ({ label, problem, hint, adornment, className, ...input }: FieldProps) => {
  const id = useId();
  const messageId = `${id}-message`;
  const described = problem !== undefined || hint !== undefined;

  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-[0.9375rem] font-semibold">
        {label}
      </label>
      <div className="relative">
        <input
          {...input}
          id={id}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={described ? messageId : undefined}
          className={classes(
            'h-12 w-full min-w-0 rounded-xl border border-edge bg-surface px-3.5 text-base text-ink',
            'transition-colors hover:border-ink aria-invalid:border-danger',
            adornment !== undefined && 'pr-14',
            className,
          )}
        />
        {adornment}
      </div>
      <FieldMessage id={messageId} problem={problem} hint={hint} />
    </div>
  );
};
