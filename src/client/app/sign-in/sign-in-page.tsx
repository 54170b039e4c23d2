import { getRouteApi, Link } from '@tanstack/react-router';
import { FormLayout } from '../forms/form-layout.tsx';
import { Page } from '../ui/page.tsx';
import { ForgotPasswordLink } from './forgot-password-link.tsx';
import { SignInForm } from './sign-in-form.tsx';

const route = getRouteApi('/guests/sign-in');

export const SignInPage = () => {
  const search = route.useSearch();

  return (
    <FormLayout>
      <Page title="Welcome back">
        <SignInForm />
        <ForgotPasswordLink />
        <p className="mt-4 text-[0.9375rem] text-muted">
          New here?{' '}
          <Link to="/sign-up" search={search} preload="render" className="link">
            Create account
          </Link>
        </p>
      </Page>
    </FormLayout>
  );
};
