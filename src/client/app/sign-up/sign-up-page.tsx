import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { FormLayout } from '../forms/form-layout.tsx';
import { Page } from '../ui/page.tsx';
import { CheckYourEmail } from './check-your-email.tsx';
import { SignUpForm } from './sign-up-form.tsx';

const route = getRouteApi('/guests/sign-up');

export const SignUpPage = () => {
  const search = route.useSearch();
  const [mailedTo, setMailedTo] = useState<string | null>(null);

  if (mailedTo !== null) return <CheckYourEmail email={mailedTo} onBack={() => setMailedTo(null)} />;
  return (
    <FormLayout>
      <Page title="Get your key">
        <SignUpForm onMailed={setMailedTo} />
        <p className="mt-8 text-[0.9375rem] text-muted">
          Have an account?{' '}
          <Link to="/sign-in" search={search} preload="render" className="link">
            Sign in
          </Link>
        </p>
      </Page>
    </FormLayout>
  );
};
