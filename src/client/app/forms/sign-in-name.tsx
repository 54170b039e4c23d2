/**
 * The name that signs in, for the password managers that look for it beside a password (ASVS 6.2.7); to people it is
 * told elsewhere.
 */
export const SignInName = ({ name }: { name: string }) => (
  <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
);
