import { Outlet } from '@tanstack/react-router';
import { useAuth } from 'latchkey/react';
import { useLostSession } from '../routing/use-lost-session.ts';
import { StepUp } from '../step-up/step-up.tsx';
import { AddressNotice } from './address-notice.tsx';
import { CookieNotice } from './cookie-notice.tsx';
import { Header } from './header.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { PageSkeleton } from './page-skeleton.tsx';
import { MAIN_ID, SkipLink } from './skip-link.tsx';

/** What surrounds every page. Until it is known who is there, no page is shown, so none flashes by. */
export const RootLayout = () => {
  const auth = useAuth();
  useLostSession();

  return (
    <StepUp>
      <SkipLink />
      <Header />
      {auth.offline && <OfflineBanner status={auth.status} />}
      {auth.status === 'authenticated' && <CookieNotice key={auth.user.id} />}
      {auth.status === 'authenticated' && auth.user.email === null && <AddressNotice />}
      <main id={MAIN_ID} tabIndex={-1} className="mx-auto max-w-6xl px-4 pt-8 pb-20 sm:px-8 sm:pt-14">
        {auth.status === 'restoring' ? <PageSkeleton /> : <Outlet />}
      </main>
    </StepUp>
  );
};
