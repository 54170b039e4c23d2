import { Link } from '@tanstack/react-router';
import { useAuth } from 'latchkey/react';
import type { ReactNode } from 'react';
import { Page } from '../ui/page.tsx';
import { FormLayout } from './form-layout.tsx';

interface MailedFormLayoutProps {
  title: string;
  /** What the page is for, in a sentence. */
  lead: string;
  children: ReactNode;
}

/** The pages around a password that is forgotten and an address that is confirmed. */
export const MailedFormLayout = ({ title, lead, children }: MailedFormLayoutProps) => (
  <FormLayout>
    <Page title={title}>
      <p className="mt-3 text-lg text-muted">{lead}</p>
      {children}
    </Page>
  </FormLayout>
);

/** The way out of a page that is done, or is of no use. */
export const BackToSignIn = () => {
  const { status } = useAuth();

  return (
    <p className="mt-8 text-[0.9375rem] text-muted">
      {status === 'authenticated' ? (
        <Link to="/" className="link">
          Back to your notes
        </Link>
      ) : (
        <Link to="/sign-in" className="link">
          Back to sign-in
        </Link>
      )}
    </p>
  );
};
