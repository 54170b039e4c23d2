/** How somebody has proved who they are, as the claim `amr` says it (RFC 8176, and two words of our own). */
export const AMR = ['pwd', 'otp', 'swk', 'hwk', 'recovery_code', 'oidc'] as const;

export type Amr = (typeof AMR)[number];

/** How much a proof is worth, as the claim `acr` says it: one factor, or two (NIST SP 800-63B-4 section 2). */
export const ACR = ['aal1', 'aal2'] as const;

export type Acr = (typeof ACR)[number];

/** What an account can prove itself by: the words of the claim `fac`, and of `reauthenticate.methods`. */
export type AuthMethod = 'password' | 'totp' | 'passkey' | `oidc:${string}`;

/** When each kind was proven last, in milliseconds since the epoch. */
export type ProofTimes = Readonly<Partial<Record<Amr, number>>>;

/** What a sign-in has proven, and when. */
export interface SignInProof {
  amr: readonly Amr[];
  at: number;
}

/** What an access token says of the proofs behind it. */
export interface ProofClaims {
  amr: readonly Amr[];
  acr: Acr;
  /** The latest moment since which all is proven that a sign-in of the account asks for. */
  authTime: number;
}

/** How long the cookie `fresh` lives, and with it what it says of proofs, in milliseconds. */
export const FRESH_TTL_MS = 60 * 60_000;

const hasAny = (amr: readonly Amr[], kinds: readonly Amr[]): boolean => amr.some((kind) => kinds.includes(kind));

/** A passkey asks for user verification, and is two factors in one. */
const PASSKEYS = ['swk', 'hwk'] as const satisfies readonly Amr[];
const FIRST_FACTORS = ['pwd', 'oidc'] as const satisfies readonly Amr[];
const CODES = ['otp', 'recovery_code'] as const satisfies readonly Amr[];

export const acrOf = (amr: readonly Amr[]): Acr =>
  hasAny(amr, PASSKEYS) || (hasAny(amr, FIRST_FACTORS) && hasAny(amr, CODES)) ? 'aal2' : 'aal1';

/** Whether a sign-in of the account asks for two factors. */
const asksForTwo = (fac: readonly string[]): boolean => fac.includes('totp');

const NEVER = Number.NEGATIVE_INFINITY;

const latest = (times: ProofTimes, kinds: readonly Amr[]): number =>
  Math.max(...kinds.map((kind) => times[kind] ?? NEVER));

/** The latest moment since which all is proven that a sign-in of the account asks for; -Infinity where it is not. */
const metSince = (times: ProofTimes, fac: readonly string[]): number => {
  const passkey = latest(times, PASSKEYS);
  const first = latest(times, FIRST_FACTORS);
  const code = latest(times, CODES);
  return asksForTwo(fac) ? Math.max(passkey, Math.min(first, code)) : Math.max(passkey, first, code);
};

/** Those that are not older than the cookie `fresh` may be. */
const within = (times: ProofTimes, now: number): ProofTimes =>
  Object.fromEntries(Object.entries(times).filter(([, at]) => now - at < FRESH_TTL_MS));

const kindsOf = (times: ProofTimes): Amr[] => AMR.filter((kind) => times[kind] !== undefined);

/**
 * What is proven once somebody has given another proof.
 * @param earlier what was proven before, where the request carries the cookie that says so; else all begins anew: a
 * copy of the refresh cookie and the password must not borrow the owner's code.
 */
export const withProof = (earlier: ProofTimes, amr: readonly Amr[], now: number): ProofTimes => ({
  ...within(earlier, now),
  ...Object.fromEntries(amr.map((kind) => [kind, now])),
});

/**
 * Whether the proofs alone are what a sign-in of the account asks for. The sign-in's own, which a token falls back on,
 * count for no demand: whoever gives the password with a copy of the refresh cookie was not there for the code.
 */
export const isMetBy = (times: ProofTimes, fac: readonly string[], now: number): boolean =>
  metSince(within(times, now), fac) !== NEVER;

/**
 * What a token says of the proofs behind it.
 * @param times what the cookie `fresh` of the request stands for; undefined without it. Then it is what the sign-in has
 * proven.
 */
export const proofClaims = (
  signIn: SignInProof,
  times: ProofTimes | undefined,
  { fac, now }: { fac: readonly string[]; now: number },
): ProofClaims => {
  const ofSignIn = { amr: signIn.amr, acr: acrOf(signIn.amr) };
  if (times === undefined) return { ...ofSignIn, authTime: signIn.at };
  const recent = within(times, now);
  const amr = kindsOf(recent);
  const isHigher = amr.length === 0 || (ofSignIn.acr === 'aal2' && acrOf(amr) === 'aal1');
  const authTime = Math.max(signIn.at, metSince(recent, fac));
  return isHigher ? { ...ofSignIn, authTime } : { amr, acr: acrOf(amr), authTime };
};

/** What a call is asked to bring that asks for a fresh proof. */
export interface ReauthenticationDemand {
  /** How old the proof may be, in seconds. */
  maxAge: number;
  /**
   * What the account can prove itself by. Where `totp` is among them, a code is needed together with the password or a
   * provider, or a passkey alone; else any one.
   */
  methods: AuthMethod[];
}

/** What a token says that a demand looks at. */
interface ProvenBy {
  acr: Acr;
  authTime: number;
  fac: readonly AuthMethod[];
}

const SECOND = 1_000;

const seconds = (milliseconds: number): number => Math.floor(milliseconds / SECOND);

/** Whether what a sign-in of the account asks for was proven within the last `maxAge` seconds. */
export const isProvenWithin = ({ acr, authTime, fac }: ProvenBy, maxAge: number, now: number): boolean =>
  seconds(now) - seconds(authTime) <= maxAge && (acr === 'aal2' || !asksForTwo(fac));
