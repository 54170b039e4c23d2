import { Link, useMatches } from '@tanstack/react-router';
import { AlertIcon } from '../ui/icons.tsx';

/**
 * Tells somebody whose account has no address what that means, and where to add one. They may not know: an address that
 * was never confirmed goes to whoever confirms it (a claim is not a fact). Not shown where they are about to mend it.
 */
export const AddressNotice = () => {
  const isMending = useMatches({
    select: (matches) =>
      matches.some(({ routeId }) => routeId === '/session/account/profile' || routeId === '/verify-email'),
  });
  if (isMending) return null;

  return (
    <div role="status" className="bg-brass-soft text-on-brass">
      <p className="mx-auto flex max-w-6xl gap-3 px-4 py-2.5 text-[0.9375rem] sm:px-8">
        <AlertIcon className="mt-0.5 size-5 shrink-0" />
        <span>
          Your account has no e-mail address: if you gave one, somebody else has confirmed it since. Without one, a
          forgotten password cannot be reset.{' '}
          <Link
            to="/account/profile"
            className="rounded-sm font-semibold whitespace-nowrap underline decoration-2 underline-offset-4"
          >
            Add an address
          </Link>
        </span>
      </p>
    </div>
  );
};
