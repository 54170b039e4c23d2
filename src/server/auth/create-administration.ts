import type { Role } from '../../shared/auth/index.ts';
import { createAccountChanges, type SessionEnding } from './accounts/account-changes.ts';
import { createAccountStore } from './accounts/account-store.ts';
import { createAccounts } from './accounts/accounts.ts';
import type { OnSignUp } from './accounts/sign-up.ts';
import type { Clock } from './clock.ts';
import type { Report } from './events.ts';
import { checkRoles, DEFAULT_ROLES } from './roles.ts';
import { type AnnounceEnded, createAnnounceEnded } from './sessions/announce-ended.ts';
import { createSessionEnding } from './sessions/change-and-end.ts';
import { createSessionStore } from './sessions/session-store.ts';
import type { RecordEvents } from './store/recording.ts';
import type { Announce } from './store/revocation-feed.ts';
import type { AuthDatabase } from './store/tables.ts';

export interface AdministrationOptions {
  database: AuthDatabase;
  clock: Clock;
  /** As `createAuth` takes them. @default ['user', 'admin'] */
  roles?: readonly Role[];
  /** As `createAuth` takes it. */
  onSignUp?: OnSignUp | undefined;
  /** As `createAccounts` takes it. */
  isAddressHeld?: ((transaction: AuthDatabase, email: string) => Promise<boolean>) | undefined;
  report: Report;
  record: RecordEvents;
  /** Called with what was ended or changed, once it is committed. */
  announce: Announce;
}

/** What is known of accounts, and what administrators do with them: all that needs no keys, for the shell as well. */
export const createAdministration = ({
  database,
  clock,
  roles = DEFAULT_ROLES,
  onSignUp,
  isAddressHeld,
  report,
  record,
  announce,
}: AdministrationOptions) => {
  checkRoles(roles);
  const sessionStore = createSessionStore(database);
  const announceEnded: AnnounceEnded = createAnnounceEnded({ report, announce });
  const sessions: SessionEnding = createSessionEnding({ database, store: sessionStore, clock, record, announceEnded });
  const store = createAccountStore(database);
  const accounts = createAccounts({ database, store, clock, roles, onSignUp, isAddressHeld });
  return {
    store,
    sessionStore,
    announceEnded,
    sessions,
    accounts,
    accountChanges: createAccountChanges({ database, store, accounts, sessions, clock, report, record, announce }),
  };
};
