export const MAIN_ID = 'main';

/** The first stop of the Tab key, seen only while it has the focus (WCAG 2.4.1). */
export const SkipLink = () => (
  <a
    href={`#${MAIN_ID}`}
    className="sr-only z-10 rounded-full bg-action px-5 py-3 font-semibold text-on-action focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
  >
    Skip to content
  </a>
);
