import { getRouteApi, Link } from '@tanstack/react-router';
import { FormLayout } from '../forms/form-layout.tsx';
import { Page } from '../ui/page.tsx';
import { SignInForm } from './sign-in-form.tsx';

const route = getRouteApi('/guests/sign-in');

export const SignInPage = () => {
  const search = route.useSearch();

  return (
    <FormLayout>
      <Page title="Welcome back">
        <SignInForm />
        <p className="mt-8 text-[0.9375rem] text-muted">
          New here?{' '}
          <Link to="/sign-up" search={search} preload="render" className="link">
            Create account
          </Link>
        </p>
      </Page>
    </FormLayout>
  );
};
