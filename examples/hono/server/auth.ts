import { createAuth, fromEnv } from 'latchkey/server';
import { passwords } from 'latchkey/server/passwords';
import { sqlite } from 'latchkey/sqlite';

export const auth = createAuth({ ...fromEnv(), database: sqlite('app.sqlite'), features: [passwords()] });
