import { classes } from './classes.ts';

/** A quiet stand-in for words that are on their way. */
export const Skeleton = ({ className }: { className: string }) => (
  <div aria-hidden="true" className={classes('animate-pulse-soft rounded-xl bg-sunken', className)} />
);
