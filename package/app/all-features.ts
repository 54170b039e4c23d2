import { createAuth, fromEnv } from 'latchkey/server';
import { audit } from 'latchkey/server/audit';
import { mail } from 'latchkey/server/mail';
import { passwords } from 'latchkey/server/passwords';
import { recovery } from 'latchkey/server/recovery';
import { sqlite } from 'latchkey/sqlite';

/** Exported with all features: every type that it is made of needs a name, or no declaration of it can be emitted. */
export const auth = createAuth({
  ...fromEnv(),
  database: sqlite('app.sqlite'),
  features: [passwords(), mail(), recovery(), audit()],
});

/** An app's own part of it, whose type is inferred. */
export const { routers } = auth;
