import type { FieldErrors, NextStep, RevocationCause } from '../../shared/auth/index.ts';
import { isRecord } from './internal/record.ts';

/**
 * No answer could be had: no network, or a server in trouble. It ends no session, whose token the engine goes on trying
 * to renew. `signIn` and `signUp` reject with it; from a call it comes as the `cause` of a `TRPCClientError`: ask
 * `isOffline(error)`.
 */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';

  constructor(cause?: unknown) {
    super('The server cannot be reached. Try again in a moment.', { cause });
  }
}

/**
 * The user of this page changed or signed out while the call was under way. It was dropped; it may have been carried
 * out.
 */
export class IdentityChangedError extends Error {
  override readonly name = 'IdentityChangedError';

  constructor() {
    super('You signed out, or someone else signed in.');
  }
}

/**
 * Nobody is signed in yet, and nothing was refused: `next` says what is asked for before it goes on, such as a second
 * factor, or the confirmation of an address.
 *
 * @example
 * if (error instanceof NextStepError && error.next.next === 'verify_email') show('Check your e-mail.');
 */
export class NextStepError extends Error {
  override readonly name = 'NextStepError';
  /** The server's answer. */
  readonly next: NextStep;

  constructor(next: NextStep) {
    super('Another step comes first.');
    this.next = next;
  }
}

/** The error, and below it what caused it, to the bottom. */
const chain = (error: unknown): Record<string, unknown>[] => {
  const links: Record<string, unknown>[] = [];
  for (let link = error; isRecord(link) && !links.includes(link); link = link['cause']) links.push(link);
  return links;
};

/** `error.data` of the first error in the chain that the server answered with. Empty if none is. */
export const chainDataOf = (error: unknown): Record<string, unknown> =>
  chain(error)
    .map(({ data }) => data)
    .find(isRecord) ?? {};

/**
 * What fetch itself rejects with when there is no network: a TypeError, like those of broken code, and told apart by
 * its words alone. Those of Chromium, Firefox, Safari and Node.js.
 */
const NETWORK = /fetch|network|load failed|connection|terminated/i;

/**
 * Whether it is broken code that failed, and no network: another attempt is no better, and nobody's connection is to
 * blame.
 */
export const isDefect = (error: unknown): boolean =>
  chain(error).some((link) => link instanceof TypeError && !NETWORK.test(link.message));

/** By name, since a page may hold two copies of this file. */
const hasName = (error: unknown, name: string): boolean => chain(error).some((link) => link['name'] === name);

/**
 * Whether the call needed a token, or the sign-in an answer, that could not be had at the moment. Never means that the
 * session is over.
 */
export const isOffline = (error: unknown): boolean => hasName(error, 'OfflineError');

/** Whether the call was dropped because the user changed or signed out. It may have been carried out. */
export const isIdentityChanged = (error: unknown): boolean => hasName(error, 'IdentityChangedError');

const wordIn = (error: unknown, field: string): string | undefined => {
  const word = chainDataOf(error)[field];
  return typeof word === 'string' ? word : undefined;
};

/**
 * Why the server refused, from a call, `signIn` or `signUp`. Undefined if it did not, or gave no reason.
 *
 * @example
 * if (reasonOf(error) === 'invalid_credentials') show('Wrong username or password.');
 */
export const reasonOf = (error: unknown): string | undefined => wordIn(error, 'reason');

/** What ended the session, beside the reason `session_revoked`. Undefined beside any other. */
export const causeOf = (error: unknown): RevocationCause | undefined => wordIn(error, 'cause');

const isMessages = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((message) => typeof message === 'string');

const isFieldErrors = (value: unknown): value is FieldErrors =>
  isRecord(value) &&
  isMessages(value['formErrors']) &&
  isRecord(value['fieldErrors']) &&
  Object.values(value['fieldErrors']).every((messages) => messages === undefined || isMessages(messages));

/**
 * What is wrong with which field of the input. Undefined if the input was not what the server refused.
 *
 * @example
 * const problem = fieldsOf(error)?.fieldErrors['email']?.[0];
 */
export const fieldsOf = (error: unknown): FieldErrors | undefined => {
  const { fields } = chainDataOf(error);
  return isFieldErrors(fields) ? fields : undefined;
};
