import { Link } from '@tanstack/react-router';

const LINK =
  'inline-flex min-h-11 shrink-0 items-center border-y-2 border-transparent px-1 text-[0.9375rem] font-medium text-muted hover:text-ink ' +
  'aria-[current=page]:border-b-brass aria-[current=page]:text-ink';

const PAGES = [
  ['/', 'Notes'],
  ['/account/profile', 'Profile'],
  ['/account/security', 'Security'],
  ['/account/sessions', 'Sessions'],
  ['/account/activity', 'Activity'],
] as const;

export const MainNav = () => (
  <nav
    aria-label="Main"
    className="order-last -mx-4 -mb-[0.6875rem] flex w-[calc(100%+2rem)] gap-4 overflow-x-auto px-3 [scrollbar-width:none] sm:gap-5 lg:order-none lg:mx-0 lg:-mt-2.5 lg:w-auto lg:self-stretch lg:px-0"
  >
    {PAGES.map(([path, name]) => (
      <Link key={path} to={path} activeOptions={{ exact: true }} className={LINK}>
        {name}
      </Link>
    ))}
  </nav>
);
