import BetterSqlite from 'better-sqlite3';
import pg from 'pg';

/** What somebody writes by hand who knows what they want: a row a session, found by the hash of its one good token. */
export interface HandWrittenStore {
  insert(tokenHash: string, userId: string, expiresAt: number): Promise<void>;
  /** Replaces the token in one statement. Returns whose session it is, if the old one was good. */
  rotate(change: { from: string; to: string; now: number; expiresAt: number }): Promise<string | undefined>;
}

const TABLE = 'create table sessions (token_hash text primary key, user_id text not null, expires_at bigint not null)';

export const openHandWrittenSqlite = (file: string): HandWrittenStore => {
  const db = new BetterSqlite(file);
  // As Latchkey has it: an acknowledged write outlives a power cut.
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(TABLE);
  const insert = db.prepare<[string, string, number]>('insert into sessions values (?, ?, ?)');
  const rotate = db.prepare<[string, number, string, number], { user_id: string }>(
    'update sessions set token_hash = ?, expires_at = ? where token_hash = ? and expires_at > ? returning user_id',
  );
  return {
    insert: async (...row) => void insert.run(...row),
    rotate: async ({ from, to, now, expiresAt }) => rotate.get(to, expiresAt, from, now)?.user_id,
  };
};

export const openHandWrittenPostgres = async (databaseUrl: string): Promise<HandWrittenStore> => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  await pool.query(TABLE);
  return {
    insert: async (...row) => void (await pool.query('insert into sessions values ($1, $2, $3)', row)),
    rotate: async ({ from, to, now, expiresAt }) => {
      const { rows } = await pool.query<{ user_id: string }>({
        name: 'rotate', // prepared once a connection
        text: 'update sessions set token_hash = $1, expires_at = $2 where token_hash = $3 and expires_at > $4 returning user_id',
        values: [to, expiresAt, from, now],
      });
      return rows[0]?.user_id;
    },
  };
};
