import { classes } from './classes.ts';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-action px-5 text-on-action not-aria-disabled:hover:bg-action-hover',
  secondary: 'border border-edge bg-surface px-5 text-ink not-aria-disabled:hover:border-ink',
  quiet: 'px-3 text-ink not-aria-disabled:hover:bg-sunken',
  danger: 'border border-line px-4 text-danger not-aria-disabled:hover:border-danger',
};

/** What buttons and the links that look like them have in common. At least 44 px high, to be hit by a thumb. */
export const buttonStyles = (variant: ButtonVariant): string =>
  classes(
    'inline-flex min-h-11 shrink-0 cursor-pointer items-center justify-center gap-2 rounded-full text-[0.9375rem] font-semibold',
    'whitespace-nowrap transition-colors duration-150 aria-disabled:cursor-default not-aria-busy:aria-disabled:opacity-60',
    VARIANTS[variant],
  );
