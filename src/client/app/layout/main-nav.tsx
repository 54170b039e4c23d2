import { Link } from '@tanstack/react-router';

const LINK =
  'inline-flex min-h-11 items-center border-y-2 border-transparent px-1 text-[0.9375rem] font-medium text-muted hover:text-ink ' +
  'aria-[current=page]:border-b-brass aria-[current=page]:text-ink';

export const MainNav = () => (
  <nav
    aria-label="Main"
    className="order-last -mb-[0.6875rem] flex w-full gap-5 sm:order-none sm:-mt-2.5 sm:w-auto sm:self-stretch"
  >
    <Link to="/" activeOptions={{ exact: true }} className={LINK}>
      Notes
    </Link>
    <Link to="/account/sessions" className={LINK}>
      Sessions
    </Link>
  </nav>
);
