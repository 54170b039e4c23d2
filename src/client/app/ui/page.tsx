import { createContext, type ReactNode, type RefObject, use, useEffect, useRef } from 'react';

/** The heading that was shown last, kept for as long as the app is open. */
export const ShownHeading = createContext<RefObject<HTMLElement | null>>({ current: null });

interface PageProps {
  title: string;
  /** In place of the title, where the heading says more. */
  heading?: ReactNode;
  headingClassName?: string;
  children: ReactNode;
}

/**
 * A page's title and main heading. When it takes the place of another page, the focus moves to the heading, so that a
 * screen reader reads where one is; on the first page it stays where the browser put it.
 */
export const Page = ({ title, heading, headingClassName, children }: PageProps) => {
  const shown = use(ShownHeading);
  const own = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    if (shown.current !== null && shown.current !== own.current) own.current?.focus();
    shown.current = own.current;
  }, [shown]);

  return (
    <>
      <title>{`${title} · Latchkey`}</title>
      <h1
        ref={own}
        tabIndex={-1}
        className={headingClassName ?? 'text-[2rem]/[1.15] font-bold tracking-tight sm:text-[2.5rem]/[1.1]'}
      >
        {heading ?? title}
      </h1>
      {children}
    </>
  );
};
