import { type ReactNode, useId } from 'react';

interface SectionProps {
  title: string;
  /** What it is for, where the title does not say it. */
  lead?: ReactNode;
  children: ReactNode;
}

/** A part of a page of settings, as a card with a heading of its own. */
export const Section = ({ title, lead, children }: SectionProps) => {
  const id = useId();

  return (
    <section aria-labelledby={id} className="rounded-3xl border border-line bg-surface p-5 shadow-card sm:p-7">
      <h2 id={id} className="text-xl/snug font-bold">
        {title}
      </h2>
      {lead !== undefined && <p className="mt-1.5 max-w-prose text-[0.9375rem] text-muted">{lead}</p>}
      <div className="mt-5">{children}</div>
    </section>
  );
};
