import { compare } from 'bcryptjs';
import { createAuth, fromEnv } from 'latchkey/server';
import { passwords } from 'latchkey/server/passwords';
import { sqlite } from 'latchkey/sqlite';
import { FILE } from './db.ts';
import { onSignUp } from './profiles.ts';

export const auth = createAuth({
  ...fromEnv(),
  database: sqlite(FILE),
  features: [passwords({ verifyLegacyHash: (password, hash) => compare(password, hash) })],
  onSignUp,
});
