/** Lies over the label of a pending button, so that the button keeps its width. */
export const Spinner = () => (
  <span aria-hidden="true" className="absolute inset-0 grid place-items-center">
    <span className="size-4.5 animate-spin rounded-full border-2 border-current border-r-transparent" />
  </span>
);
