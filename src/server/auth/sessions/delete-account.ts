import { identifierKey } from '../../../shared/auth/identifiers.ts';
import type { User } from '../../../shared/auth/schemas.ts';
import type { AccountHooks } from '../accounts/account-hooks.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Credentials } from '../accounts/credentials.ts';
import type { OnDelete } from '../accounts/sign-up.ts';
import type { Clock } from '../clock.ts';
import type { CoreEvent, Report } from '../events.ts';
import { refuse } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import type { RecordEvents } from '../store/recording.ts';
import type { Announce } from '../store/revocation-feed.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { refuseField } from '../trpc/refuse-field.ts';
import { type AnnounceEnded, endedEvents } from './announce-ended.ts';
import type { SessionStore } from './session-store.ts';

export interface DeletionOptions {
  database: AuthDatabase;
  accounts: Pick<Accounts, 'find' | 'present'>;
  store: Pick<AccountStore, 'markDeleted' | 'empty'>;
  sessionStore: Pick<SessionStore, 'revokeAll' | 'empty'>;
  credentials: Pick<Credentials, 'credentials' | 'secondFactors'>;
  hooks: Pick<AccountHooks, 'onDelete'>;
  onDelete: OnDelete | undefined;
  clock: Clock;
  report: Report;
  record: RecordEvents;
  announce: Announce;
  announceEnded: AnnounceEnded;
}

/**
 * Deletes one's own account: its sessions end, what it can be known by is gone at once, and so is what features and the
 * app keep of it. The empty row stays until no access token can be about (ASVS 7.4.2).
 * @param confirm the username, or the address where there is none.
 * @throws BAD_REQUEST when that is another name, `session_revoked` when the account is gone already
 */
export type DeleteAccount = (request: AuthRequest, userId: string, confirm: string) => Promise<void>;

export const deleteAccountSlot = createCoreSlot<DeleteAccount>('delete-account');

const CAUSE = 'account_deleted';

/** What its owner types to say that it is meant. */
const nameOf = ({ username, email, id }: User): string => username ?? email ?? id;

export const createDeleteAccount = (options: DeletionOptions): DeleteAccount => {
  const { database, accounts, store, sessionStore, credentials, hooks, onDelete, clock } = options;
  const { report, record, announce, announceEnded } = options;
  const gone = () => refuse('session_revoked', { cause: CAUSE });

  /** The account's row comes first: from then on nobody signs in to it, and nobody is about to. */
  const remove = async (transaction: AuthDatabase, request: AuthRequest, userId: string) => {
    const now = clock.now();
    const user = await store.markDeleted(transaction, userId, now);
    if (user === undefined) throw gone();
    const event: CoreEvent = { event: 'account.deleted', userId };
    await onDelete?.({ user: accounts.present(user), transaction });
    // While there is still an address to send to.
    await record(transaction, request, [event]);
    for (const way of [...credentials.credentials(), ...credentials.secondFactors()])
      await way.remove(userId, {}, transaction);
    const ended = await sessionStore.revokeAll(transaction, { userId }, CAUSE, now);
    await record(transaction, request, endedEvents(ended, CAUSE));
    // Behind the events, which it takes what is personal out of.
    await hooks.onDelete(userId, transaction);
    await sessionStore.empty(transaction, userId);
    await transaction.deleteFrom('auth_flows').where('user_id', '=', userId).execute();
    const { ver } = await store.empty(transaction, userId);
    return { event, ended, ver };
  };

  return async (request, userId, confirm) => {
    const user = await accounts.find(userId);
    if (user === undefined) throw gone();
    if (identifierKey(confirm) !== identifierKey(nameOf(user)))
      throw refuseField('confirm', 'This is not the name of your account.');
    const { event, ended, ver } = await database
      .transaction()
      .execute((transaction) => remove(transaction, request, userId));
    await announceEnded(request, ended, CAUSE);
    await announce([{ kind: 'user', userId, ver }]);
    report(request, event);
  };
};
