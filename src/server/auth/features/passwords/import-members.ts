import type { Auth } from '../../auth.ts';
import type { MemberImport } from './import-batch.ts';
import type { Member } from './member.ts';
import { passwordsOf } from './password-service.ts';

/**
 * So many members are written by one transaction: all of them or none. It keeps a SQLite store for some milliseconds.
 */
const BATCH = 100;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Brings an app's existing members into the store, with the ids, names and password hashes that they have. They sign in
 * as before; `passwords({ verifyLegacyHash })` verifies hashes that are not argon2's. Who cannot be taken, or is there
 * already, or has an address that somebody can still take back, is left out and told by index: a second import of the
 * same members refuses all and changes nothing, and one that failed half-way is run again. No `onSignUp` runs.
 *
 * Starts `auth` if nobody has, so a script stops it at its end. Members are read and written by the batch, so that an
 * iterable of any length can stream from a database.
 *
 * @throws TypeError when the auth has no feature `passwords`.
 * @throws DatabaseUnavailableError when the store does not answer at first, and what its driver throws when it fails
 * later: batches before that stay.
 * @example
 * const { imported, refused } = await importMembers(auth, [
 *   { id: '42', username: 'ada', email: 'ada@mail.example', passwordHash: '$2b$10$…' },
 * ]);
 * await auth.stop();
 */
export const importMembers = async (
  auth: Auth,
  members: Iterable<Member> | AsyncIterable<Member>,
): Promise<MemberImport> => {
  const { importBatch } = passwordsOf(auth);
  await auth.start();
  const sum: MemberImport = { imported: 0, refused: [] };
  let batch: Member[] = [];
  let first = 0;
  const flush = async (): Promise<void> => {
    const { imported, refused } = await importBatch(batch, first);
    sum.imported += imported;
    sum.refused.push(...refused);
    first += batch.length;
    batch = [];
    // A SQLite store answers without a turn of the event loop, which others wait for.
    await nextTurn();
  };
  for await (const member of members) {
    if (batch.push(member) === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return sum;
};
