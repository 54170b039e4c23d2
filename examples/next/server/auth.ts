import { createAuth, fromEnv } from 'latchkey/server';
import { passwords } from 'latchkey/server/passwords';
import { sqlite } from 'latchkey/sqlite';

const openAuth = () => createAuth({ ...fromEnv(), database: sqlite('app.sqlite'), features: [passwords()] });

// Next.js bundles route handlers, pages and API routes apart, and reloads them as they change: each has a copy of this
// module, and all of them share one auth.
const shared: typeof globalThis & { auth?: ReturnType<typeof openAuth> } = globalThis;

export const auth = (shared.auth ??= openAuth());
