import type { ComponentProps } from 'react';
import { type ButtonVariant, buttonStyles } from './button-styles.ts';
import { classes } from './classes.ts';
import { Spinner } from './spinner.tsx';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  variant?: ButtonVariant;
  /** Its work is under way: it says so and takes no further press. */
  pending?: boolean;
  disabled?: boolean;
}

/**
 * A button that stays focusable while it is pending or disabled: the `disabled` attribute would throw the keyboard's
 * focus away in the middle of the work.
 */
export const Button = ({
  variant = 'secondary',
  pending = false,
  disabled = false,
  type = 'button',
  className,
  onClick,
  children,
  ...rest
}: ButtonProps) => {
  const inert = pending || disabled;

  return (
    <button
      {...rest}
      // oxlint-disable-next-line react/button-has-type -- given by the caller, `button` by default
      type={type}
      aria-busy={pending || undefined}
      aria-disabled={inert || undefined}
      className={classes('relative', buttonStyles(variant), className)}
      onClick={(event) => {
        if (inert) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {pending && <Spinner />}
      <span className={classes('inline-flex items-center gap-2', pending && 'opacity-0')}>{children}</span>
    </button>
  );
};
