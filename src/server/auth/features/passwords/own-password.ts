import { TRPCError } from '@trpc/server';
import { z } from 'zod/v4';
import type { ChangePasswordInput } from '../../../../shared/auth/index.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Clock } from '../../clock.ts';
import type { CoreEvent, Report } from '../../events.ts';
import { refuse } from '../../refusal.ts';
import type { AuthRequest } from '../../request.ts';
import type { Renewal } from '../../sessions/renewing.ts';
import type { RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { Principal } from '../../tokens/access-tokens.ts';
import type { HasherPool } from './hasher-pool.ts';
import type { CheckPassword } from './password-check.ts';
import type { PasswordEvent } from './password-events.ts';
import type { ProvePassword } from './password-proof.ts';
import type { PasswordStore } from './password-store.ts';

export interface OwnPasswordOptions {
  database: AuthDatabase;
  store: PasswordStore;
  accounts: Accounts;
  hasher: HasherPool;
  check: CheckPassword;
  clock: Clock;
  prove: ProvePassword;
  report: Report<CoreEvent | PasswordEvent>;
  record: RecordEvents<CoreEvent | PasswordEvent>;
}

/** A change of one's own password that is ready to be carried out. */
export interface OwnPasswordChange {
  renewal: Renewal;
  /** Tells of it, once it is committed. */
  tell(): void;
}

/** Prepares a change of one's own password. */
export type PrepareOwnChange = (
  request: AuthRequest,
  user: Principal,
  input: ChangePasswordInput,
  /** The hash of the browser's device, which stays known if it was. */
  keptDevice: string | undefined,
) => Promise<OwnPasswordChange>;

/** As if the schema had asked for it: whether there is a password is only known here. */
const missingPassword = (): TRPCError =>
  new TRPCError({
    code: 'BAD_REQUEST',
    cause: new z.ZodError([
      { code: 'custom', path: ['currentPassword'], message: 'Enter your current password.', input: undefined },
    ]),
  });

/**
 * Looks at everything that can be wrong with a change before it is carried out.
 * @throws `password_too_common`, `password_breached`, `invalid_credentials`, `rate_limited`, BAD_REQUEST where the
 * current one is missing
 */
export const createOwnPassword = (options: OwnPasswordOptions): PrepareOwnChange => {
  const { database, store, accounts, hasher, check, clock, prove, report, record } = options;

  return async (request, user, { currentPassword, newPassword }, keptDevice) => {
    const account = await accounts.find(user.id);
    // Gone, and its sessions with it: the refresh that follows says so.
    if (account === undefined) throw refuse('access_token_stale');
    await check(request, newPassword, account);
    if (await store.hasPassword(database, user.id)) {
      if (currentPassword === undefined) throw missingPassword();
      await prove(request, user, currentPassword);
    }
    const hash = await hasher.hash(newPassword, () => !request.isDisconnected());
    const event: PasswordEvent = { event: 'password.changed', userId: user.id };
    return {
      renewal: {
        cause: 'password_changed',
        change: async (transaction) => {
          const replacement = {
            userId: user.id,
            hash,
            now: clock.now(),
            keepsReplaced: true,
            ...(keptDevice !== undefined && { keptDevice }),
          };
          const changed = await store.replace(transaction, replacement);
          if (changed === undefined) return undefined;
          await record(transaction, request, [event]);
          return changed;
        },
      },
      tell: () => report(request, event),
    };
  };
};
