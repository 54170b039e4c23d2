import { Page } from '../ui/page.tsx';
import { ActivityList } from './activity-list.tsx';

export const ActivityPage = () => (
  <div className="mx-auto max-w-2xl">
    <Page title="Activity">
      <p className="mt-3 max-w-prose text-lg text-muted">
        What happened to your account. If you do not recognise something, end your other sessions and change your
        password.
      </p>
      <ActivityList />
    </Page>
  </div>
);
