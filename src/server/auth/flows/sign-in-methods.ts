import type { SignInMethods } from '../../../shared/auth/index.ts';
import { createCoreSlot } from '../slot.ts';

export const signInMethodsSlot = createCoreSlot<() => SignInMethods>('sign-in-methods');

/** What the features say of themselves, put together. What none of them says is not there. */
export const combineMethods = (
  described: readonly Partial<SignInMethods>[],
  emailVerification: boolean,
): SignInMethods => ({
  password: described.some(({ password }) => password === true),
  passkeys: described.some(({ passkeys }) => passkeys === true),
  mail: described.some(({ mail }) => mail === true),
  emailVerification,
  secondFactor: described.find(({ secondFactor = 'off' }) => secondFactor !== 'off')?.secondFactor ?? 'off',
  providers: described.flatMap(({ providers = [] }) => providers),
});
