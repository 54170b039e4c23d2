/**
 * What both halves know: schemas of inputs, types of answers, and the reasons of refusals. For either half of an app.
 *
 * @packageDocumentation
 */
import type { MailReason } from './features/mail.ts';
import type { PasswordReason } from './features/passwords.ts';
import type { CoreReason } from './reasons.ts';

export * from './account.ts';
export * from './cookies.ts';
export type * from './error-data.ts';
export * from './features/audit.ts';
export * from './features/mail.ts';
export * from './features/passwords.ts';
export * from './features/recovery.ts';
export { identifierKey, normalizeIdentifier } from './identifiers.ts';
export type * from './next-steps.ts';
export type { Acr, Amr, AuthMethod, ReauthenticationDemand } from './proofs.ts';
export type * from './reason-table.ts';
export * from './reasons.ts';
export * from './refusals.ts';
export type * from './roles.ts';
export * from './schemas.ts';

/** Why a call was refused, of all features together. An app that mounts fewer infers fewer. */
export type Reason = CoreReason | PasswordReason | MailReason;
