import { sql } from 'kysely';
import { createStore } from '../src/server/database/index.ts';
import type { Latchkey } from './latchkey.ts';

/** How many rotations the store has seen: what tells a refresh that rotated from one that replayed. */
export const countRotations = async ({ location }: Latchkey): Promise<number> => {
  const database = createStore({ ...location, poolSize: 1 });
  try {
    const { rows } = await sql<{ rotations: number | string }>`
      select sum(issued - 1) as rotations from auth_sessions
    `.execute(database.db);
    return Number(rows[0]?.rotations);
  } finally {
    await database.close();
  }
};
