/** What can answer where a second factor is asked for. */
export type SecondFactorMethod = 'totp' | 'recovery_code' | 'passkey';

/** The password or the like was right, and a second factor is asked for. */
export interface SecondFactorStep {
  next: 'second_factor';
  methods: SecondFactorMethod[];
  /** Whole seconds in which it can be answered. */
  expiresIn: number;
}

/** A provider has said who it is, and there is no account yet. */
export interface SignUpStep {
  next: 'sign_up';
  provider: string;
  /** A suggestion, which may be taken. */
  username: string | null;
  /** What the provider confirmed, else null. */
  email: string | null;
  expiresIn: number;
}

/** A provider has named an address that an account has: its own sign-in has to come first. */
export interface ConfirmLinkStep {
  next: 'confirm_link';
  provider: string;
  expiresIn: number;
}

/** A sign-in that has begun and goes on in this browser. */
export type PendingStep = SecondFactorStep | SignUpStep | ConfirmLinkStep;

/** The account is made by a link that was mailed. */
export interface VerifyEmailStep {
  next: 'verify_email';
}

/** What ends a call that did not sign in, and is no refusal. */
export type NextStep = PendingStep | VerifyEmailStep;

/** What a page of signing in has to offer. */
export interface SignInMethods {
  password: boolean;
  passkeys: boolean;
  /** Whether mails are sent: without them nobody can reset a password. */
  mail: boolean;
  /** Whether an account can do little before its address is confirmed. */
  emailVerification: boolean;
  /** Who has to have a second factor. */
  secondFactor: 'off' | 'admins' | 'all';
  providers: { id: string; label: string }[];
}
