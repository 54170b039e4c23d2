import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestKeys } from '#testing/auth.ts';
import { HOSTS, startWireServer, type WireServer } from '#testing/wire.ts';
import { coreRouters } from '../core-routers.ts';
import { createAuth } from '../create-auth.ts';
import { sqlite } from '../sqlite.ts';
import { publicProcedure, router } from '../trpc/procedures.ts';

const routes = router({ ...coreRouters, ping: publicProcedure.query(() => 'pong') });
const get = { method: 'GET', headers: {} };

describe.each(HOSTS)('on %s', (host) => {
  let folder: string;
  const unexpected: unknown[] = [];
  const auths: ReturnType<typeof open>[] = [];
  const servers: WireServer[] = [];
  const open = (file: string) =>
    createAuth({
      database: sqlite(join(folder, file)),
      publicUrl: 'https://app.example',
      ...createTestKeys(),
      features: [],
    });
  const serve = async (file: string): Promise<WireServer> => {
    const auth = open(file);
    auths.push(auth);
    const server = await startWireServer(auth, routes, { host, onUnexpectedError: (error) => unexpected.push(error) });
    servers.push(server);
    return server;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-first-'));
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    for (const auth of auths) await auth.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the first requests open and migrate the store, once', async () => {
    const server = await serve('app.sqlite');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => server.mutate('auth.refresh', undefined, { cookie: '__Host-refresh=x' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(auths.at(-1)?.isReady()).toBe(true);
  });

  test('a request that comes while the store cannot be opened is refused as unavailable, and the next one tries again', async () => {
    const inTheWay = join(folder, 'later');
    writeFileSync(inTheWay, 'a file where the folder should be');
    const server = await serve('later/app.sqlite');
    const refused = await server.send('ping', get);
    expect(refused.status).toBe(503);
    const body: { error: { data: { reason: string; requestId: string } } } = await refused.json();
    expect(body.error.data).toMatchObject({ reason: 'unavailable', requestId: refused.headers.get('x-request-id') });
    expect(unexpected.splice(0)).toHaveLength(1);

    rmSync(inTheWay);
    expect((await server.send('ping', get)).status).toBe(200);
  });

  test('a request that the guard refuses opens nothing', async () => {
    writeFileSync(join(folder, 'never'), 'a file where the folder should be');
    const server = await serve('never/app.sqlite');
    expect((await server.send('ping', { method: 'PUT', headers: {} })).status).toBe(405);
    expect(unexpected).toEqual([]);
  });

  test('a request after the end finds it closed', async () => {
    const server = await serve('ended.sqlite');
    expect((await server.send('ping', get)).status).toBe(200);
    await auths.at(-1)?.stop();
    expect((await server.send('ping', get)).status).toBe(503);
    expect(unexpected.splice(0)).toHaveLength(1);
  });
});
