import type { AccountExport, User } from '../../../shared/auth/index.ts';
import type { Clock } from '../clock.ts';
import type { CoreEvent, Report } from '../events.ts';
import type { Limits } from '../limits/limits.ts';
import { refuse } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import type { RecordEvents } from '../store/recording.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { AccountHooks } from './account-hooks.ts';
import type { Accounts } from './accounts.ts';
import { lastSignIns } from './known-devices.ts';

/** Called for `user.export`. What it returns stands in the answer under `app`: a value that JSON can hold. */
export type OnExport = (exported: { user: User }) => unknown;

export interface ExportOptions {
  database: AuthDatabase;
  accounts: Pick<Accounts, 'find'>;
  hooks: Pick<AccountHooks, 'exportOf'>;
  onExport: OnExport | undefined;
  limits: Limits;
  clock: Clock;
  report: Report;
  record: RecordEvents;
}

/**
 * All that is kept of a person, but for secrets.
 * @throws `rate_limited`, `session_revoked` when the account is gone
 */
export type ExportAccount = (request: AuthRequest, userId: string) => Promise<AccountExport>;

export const exportAccountSlot = createCoreSlot<ExportAccount>('export-account');

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

const readSessions = async (database: AuthDatabase, userId: string): Promise<AccountExport['sessions']> => {
  const rows = await database
    .selectFrom('auth_sessions')
    .select(['id', 'created_at', 'issued_at', 'auth_time', 'amr', 'fresh_at', 'idle_ends_at', 'absolute_ends_at'])
    .select(['user_agent', 'ip', 'revoked_at', 'revoked_cause'])
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: iso(row.created_at),
    lastSeenAt: iso(row.issued_at),
    provenAt: iso(row.auth_time),
    provenBy: row.amr.split(',').filter((word) => word !== ''),
    provenAgainAt: isoOrNull(row.fresh_at),
    endsAt: iso(Math.min(row.idle_ends_at, row.absolute_ends_at)),
    userAgent: row.user_agent,
    ip: row.ip,
    endedAt: isoOrNull(row.revoked_at),
    cause: row.revoked_cause,
  }));
};

const readFlows = async (database: AuthDatabase, userId: string): Promise<AccountExport['begun']> => {
  const rows = await database
    .selectFrom('auth_flows')
    .select(['kind', 'created_at', 'ends_at', 'used_at'])
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    createdAt: iso(row.created_at),
    endsAt: iso(row.ends_at),
    usedAt: isoOrNull(row.used_at),
  }));
};

const readDevices = async (database: AuthDatabase, userId: string): Promise<string[]> => {
  const row = await database.selectFrom('auth_users').select('devices').where('id', '=', userId).executeTakeFirst();
  return lastSignIns(row?.devices ?? '');
};

export const createExportAccount = (options: ExportOptions): ExportAccount => {
  const { database, accounts, hooks, onExport, limits, clock, report, record } = options;
  return async (request, userId) => {
    const counted = await limits.take({ limit: 'export', key: userId });
    try {
      const user = await accounts.find(userId);
      if (user === undefined) throw refuse('session_revoked', { cause: 'account_deleted' });
      const exported: AccountExport = {
        at: iso(clock.now()),
        user,
        knownDevices: await readDevices(database, userId),
        sessions: await readSessions(database, userId),
        begun: await readFlows(database, userId),
        features: await hooks.exportOf(userId),
        app: (await onExport?.({ user })) ?? null,
      };
      // Last, for it says that it was handed out.
      const event: CoreEvent = { event: 'account.exported', userId };
      await record(database, request, [event]);
      report(request, event);
      return exported;
    } catch (error) {
      await limits.giveBack([counted]);
      throw error;
    }
  };
};
