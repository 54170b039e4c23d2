import { Outlet, useNavigate, useRouter } from '@tanstack/react-router';
import { useAuth } from 'latchkey/react';
import { Fragment, useEffect, useRef } from 'react';
import { PageSkeleton } from '../layout/page-skeleton.tsx';

/**
 * Pages of a signed-in user. Anybody else signs in first and comes back; who signs out on such a page has nothing to
 * come back for and goes to the welcome.
 */
export const RequireSession = () => {
  const auth = useAuth();
  const navigate = useNavigate();
  const router = useRouter();
  const wasSignedIn = useRef(false);
  const leaving = useRef(false);

  const signedIn = auth.status === 'authenticated';
  const signedOutHere = auth.status === 'anonymous' && auth.ended?.reason === 'signed_out';

  useEffect(() => {
    if (signedIn) {
      wasSignedIn.current = true;
      leaving.current = false;
      return;
    }
    // Once: the location that is read below is the form's as soon as the way there has begun.
    if (leaving.current) return;
    leaving.current = true;
    if (signedOutHere && wasSignedIn.current) {
      void navigate({ to: '/', replace: true });
    } else {
      void navigate({ to: '/sign-in', search: { next: router.state.location.href }, replace: true });
    }
  }, [signedIn, signedOutHere, navigate, router]);

  if (auth.status !== 'authenticated') return <PageSkeleton />;
  // Another user gets a page of their own: nothing that the last one's held is shown on.
  return (
    <Fragment key={auth.user.id}>
      <Outlet />
    </Fragment>
  );
};
