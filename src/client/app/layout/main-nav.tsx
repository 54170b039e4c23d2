import { Link } from '@tanstack/react-router';

const LINK =
  'inline-flex min-h-11 shrink-0 items-center border-y-2 border-transparent px-1 text-[0.9375rem] font-medium text-muted hover:text-ink ' +
  'aria-[current=page]:border-b-brass aria-[current=page]:text-ink';

export const MainNav = () => (
  <nav
    aria-label="Main"
    className="order-last -mx-4 -mb-[0.6875rem] flex w-[calc(100%+2rem)] gap-4 overflow-x-auto px-3 [scrollbar-width:none] sm:gap-5 lg:order-none lg:mx-0 lg:-mt-2.5 lg:w-auto lg:self-stretch lg:px-0"
  >
    <Link to="/" activeOptions={{ exact: true }} className={LINK}>
      Notes
    </Link>
    <Link to="/account/profile" className={LINK}>
      Profile
    </Link>
    <Link to="/account/security" className={LINK}>
      Security
    </Link>
    <Link to="/account/sessions" className={LINK}>
      Sessions
    </Link>
    <Link to="/account/activity" className={LINK}>
      Activity
    </Link>
  </nav>
);
