import { Page } from '../ui/page.tsx';
import { SessionList } from './session-list.tsx';

export const SessionsPage = () => (
  <div className="mx-auto max-w-3xl">
    <Page title="Sessions">
      <p className="mt-3 max-w-prose text-lg text-muted">
        Everywhere you are signed in. End what you do not recognise: it is locked out at once.
      </p>
      <SessionList />
    </Page>
  </div>
);
