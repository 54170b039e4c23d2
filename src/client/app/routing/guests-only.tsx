import { getRouteApi, Outlet, useRouter } from '@tanstack/react-router';
import { useAuth } from 'latchkey/react';
import { useEffect } from 'react';
import { PageSkeleton } from '../layout/page-skeleton.tsx';
import { nextPath } from './next-path.ts';

const route = getRouteApi('/guests');

/** The forms. Who is signed in, or has just signed in, is sent on to the page they came for. */
export const GuestsOnly = () => {
  const { status } = useAuth();
  const search = route.useSearch();
  const { history } = useRouter();
  const signedIn = status === 'authenticated';
  const next = nextPath(search.next, window.location.origin) ?? '/';

  useEffect(() => {
    if (signedIn) history.replace(next);
  }, [signedIn, next, history]);

  return signedIn ? <PageSkeleton /> : <Outlet />;
};
