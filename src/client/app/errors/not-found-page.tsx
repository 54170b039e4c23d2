import { Link } from '@tanstack/react-router';
import { buttonStyles } from '../ui/button-styles.ts';
import { Page } from '../ui/page.tsx';

export const NotFoundPage = () => (
  <Page title="No page behind this door">
    <p className="mt-4 max-w-prose text-lg text-muted">The address may be mistyped, or the page has moved.</p>
    <Link to="/" className={`${buttonStyles('primary')} mt-8`}>
      Go to the start
    </Link>
  </Page>
);
