import { refuse } from '../refusal.ts';
import { createCoreSlot } from '../slot.ts';
import type { Principal } from '../tokens/access-tokens.ts';

/**
 * What an account has to have done before most of the app is open to it, asked of the claims of its token alone.
 * @throws `email_not_verified`
 */
export type CheckDemands = (principal: Principal, path: string) => void;

export const demandsSlot = createCoreSlot<CheckDemands>('demands');

/** What stays open until an address is confirmed, beside the router `auth`: what it takes to confirm one. */
const OPEN_UNCONFIRMED = new Set(['user.me', 'user.resendVerification', 'user.changeEmail']);

const isOpen = (path: string): boolean =>
  (path.startsWith('auth.') && path !== 'auth.impersonate') || OPEN_UNCONFIRMED.has(path);

export const createCheckDemands =
  ({ requireEmailVerification = false }: { requireEmailVerification?: boolean | undefined }): CheckDemands =>
  ({ emailVerified }, path) => {
    if (requireEmailVerification && !emailVerified && !isOpen(path)) throw refuse('email_not_verified');
  };
