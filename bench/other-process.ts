import { z } from 'zod/v4';
import { createStore } from '../src/server/database/index.ts';
import { createTestAuth } from '../src/testing/auth.ts';
import { quietFeed } from '../src/testing/quiet-feed.ts';

/** The process beside the one that measures: it tells what it hears, or ends sessions when it is told a username. */
const [, , role, location = ''] = process.argv;
const locationSchema = z.object({
  databaseUrl: z.string().optional(),
  dataDir: z.string(),
  poolSize: z.number(),
});

const at = (): number => Number(process.hrtime.bigint()) / 1e6;

const where = locationSchema.parse(JSON.parse(location));
const database = createStore(where);
const kit = await createTestAuth({ database }, role === 'ends' ? { feed: quietFeed } : {});

kit.services.revocations.onNotice((notice) => {
  if (role === 'listens' && notice.kind === 'session') process.send?.({ kind: 'heard', sid: notice.sid, at: at() });
});

process.on('message', (username) => {
  void kit.services.accountChanges.find(String(username)).then(async (account) => {
    const from = at();
    await kit.services.accountChanges.endSessions({ id: 'bench', address: null, userAgent: null }, account?.id ?? '');
    process.send?.({ kind: 'ended', from });
  });
});

process.on('disconnect', () => {
  void kit.stop().then(() => database.close());
});

process.send?.({ kind: 'ready' });
