import type { ErrorComponentProps } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';

/** The last resort: a page that cannot be shown, or whose code could not be loaded. */
export const ErrorPage = (_: ErrorComponentProps) => (
  <Page title="This page did not open">
    <p className="mt-4 max-w-prose text-lg text-muted">
      Nothing of yours is lost. Check your connection, then load the page again.
    </p>
    <Button variant="primary" className="mt-8" onClick={() => window.location.reload()}>
      Reload
    </Button>
  </Page>
);
