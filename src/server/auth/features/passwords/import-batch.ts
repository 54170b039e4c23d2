import { randomUUID } from 'node:crypto';
import type { Role } from '../../../../shared/auth/index.ts';
import { WAY_BACK } from '../../accounts/address-changes.ts';
import type { Clock } from '../../clock.ts';
import type { Report } from '../../events.ts';
import type { Flows } from '../../flows/flows.ts';
import type { RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase, Dialect } from '../../store/tables.ts';
import { type Member, type MemberRefusal, type MemberRow, readMember } from './member.ts';
import { createMemberStore, type TakenNames } from './member-store.ts';
import type { PasswordEvent } from './password-events.ts';

export interface RefusedMember {
  /** Which of the members given, from 0. */
  index: number;
  reason: MemberRefusal;
}

export interface MemberImport {
  /** How many have an account now that had none. */
  imported: number;
  /** Those that were left out, in their order. */
  refused: RefusedMember[];
}

interface Waiting {
  index: number;
  row: MemberRow;
}

/** Tells those whose names are free, also of each other, from those whose names are not. */
const divide = (
  members: readonly Waiting[],
  { taken, held }: { taken: readonly TakenNames[]; held: ReadonlySet<string> },
) => {
  const ids = new Set(taken.map(({ id }) => id));
  const usernames = new Set(taken.map(({ username_key: key }) => key));
  const emails = new Set(taken.map(({ email_key: key }) => key));
  const reasonFor = (row: MemberRow): MemberRefusal | undefined => {
    const { id, username_key: username, email_key: email } = row;
    if (ids.has(id)) return 'id_taken';
    if (username !== null && usernames.has(username)) return 'username_taken';
    if (row.email !== null && held.has(row.email)) return 'email_taken';
    return email !== null && emails.has(email) ? 'email_taken' : undefined;
  };
  const free: Waiting[] = [];
  const refused: RefusedMember[] = [];
  for (const { index, row } of members) {
    const reason = reasonFor(row);
    if (reason !== undefined) {
      refused.push({ index, reason });
    } else {
      ids.add(row.id);
      usernames.add(row.username_key);
      emails.add(row.email_key);
      free.push({ index, row });
    }
  }
  return { free, refused };
};

export interface MemberBatchOptions {
  database: AuthDatabase;
  dialect: Dialect;
  roles: readonly Role[];
  clock: Clock;
  flows: Pick<Flows, 'heldAddresses'>;
  report: Report<PasswordEvent>;
  record: RecordEvents<PasswordEvent>;
}

/** Writes one batch, or nothing of it. @param first the index of the first of them. */
export type ImportBatch = (members: readonly Member[], first: number) => Promise<MemberImport>;

export const createImportBatch = (options: MemberBatchOptions): ImportBatch => {
  const { database, dialect, roles, clock, flows, report, record } = options;
  const store = createMemberStore(dialect);

  return async (members, first) => {
    const refused: RefusedMember[] = [];
    let waiting: Waiting[] = [];
    for (const [at, member] of members.entries()) {
      const row = readMember(member, { roles, now: clock.now() });
      if (typeof row === 'string') refused.push({ index: first + at, reason: row });
      else waiting.push({ index: first + at, row });
    }
    // A script of the app's, which no request and nobody at a shell stands behind.
    const initiator = { id: randomUUID(), address: null, userAgent: null };
    const events = await database.transaction().execute(async (transaction) => {
      const made: PasswordEvent[] = [];
      // Once, unless somebody registers one of the names in between.
      while (waiting.length > 0) {
        const rows = waiting.map(({ row }) => row);
        const taken = await store.findTaken(transaction, rows);
        // Behind the look at the names: an address that somebody gives up is theirs until it is held for them.
        const emails = rows.flatMap(({ email }) => email ?? []);
        const held = await flows.heldAddresses(emails, WAY_BACK, transaction);
        const divided = divide(waiting, { taken, held });
        refused.push(...divided.refused);
        const { free } = divided;
        const inserted = await store.insert(
          transaction,
          free.map(({ row }) => row),
        );
        made.push(...[...inserted].map((userId): PasswordEvent => ({ event: 'account.imported', userId })));
        waiting = free.filter(({ row }) => !inserted.has(row.id));
      }
      await record(transaction, initiator, made);
      return made;
    });
    for (const event of events) report(initiator, event);
    return { imported: events.length, refused: refused.toSorted((one, other) => one.index - other.index) };
  };
};
