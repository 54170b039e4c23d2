import { Link } from '@tanstack/react-router';
import { EndedNotice } from '../sign-in/ended-notice.tsx';
import { buttonStyles } from '../ui/button-styles.ts';
import { KeyRack } from '../ui/key-rack.tsx';
import { Page } from '../ui/page.tsx';

export const WelcomePage = () => (
  <div className="grid gap-12 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] lg:gap-16">
    <div className="self-center">
      <div className="mb-8 max-w-104 empty:hidden">
        <EndedNotice />
      </div>
      <Page
        title="Welcome"
        heading="Notes behind your own door."
        headingClassName="text-[2.75rem]/[1.02] font-bold tracking-[-0.03em] sm:text-7xl/[0.98]"
      >
        <p className="mt-6 max-w-[34rem] text-lg text-muted">
          Write things down and find them again on any device. You see every place where you are signed in, and can end
          each of them from here.
        </p>
        <div className="mt-9 flex flex-wrap gap-3">
          <Link to="/sign-up" preload="render" className={`${buttonStyles('primary')} min-h-12`}>
            Create account
          </Link>
          <Link to="/sign-in" preload="render" className={`${buttonStyles('secondary')} min-h-12`}>
            Sign in
          </Link>
        </div>
      </Page>
    </div>
    <KeyRack />
  </div>
);
