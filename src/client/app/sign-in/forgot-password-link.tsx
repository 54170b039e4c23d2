import { Link } from '@tanstack/react-router';
import { useSignInMethods } from './use-sign-in-methods.ts';

/** Only where a link to set a new password can be mailed. Its place is kept while that is not known. */
export const ForgotPasswordLink = () => {
  const methods = useSignInMethods();

  return (
    <p className="mt-6 min-h-6 text-[0.9375rem]">
      {methods?.mail === true && (
        <Link to="/forgot-password" className="link">
          Forgot your password?
        </Link>
      )}
    </p>
  );
};
