import { once } from 'node:events';
import { type IncomingMessage, request, type Server } from 'node:http';
import { initTRPC } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import express, { type RequestHandler } from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { coreRouters } from '../core-routers.ts';
import { publicProcedure, router } from '../trpc/procedures.ts';
import { createExpressHandler } from './express.ts';

const text = z.object({ text: z.string() });
const bare = initTRPC.create({ isDev: false });
const there = bare.router({
  ping: bare.procedure.query(() => 'pong'),
  echo: bare.procedure.input(text).query(({ input }) => input.text),
  change: bare.procedure.input(text).mutation(({ input }) => input.text),
  deep: bare.router({ ping: bare.procedure.query(() => 'deep pong') }),
});
const here = router({
  ...coreRouters,
  ping: publicProcedure.query(() => 'pong'),
  echo: publicProcedure.input(text).query(({ input }) => input.text),
  change: publicProcedure.input(text).mutation(({ input }) => input.text),
  deep: router({ ping: publicProcedure.query(() => 'deep pong') }),
});

let store: TestStore;
let kit: TestAuth;
let servers: Server[];

/** As an app may say it that answers all of a path with one status. */
const created: RequestHandler = (req, res, next) => {
  if (req.url.includes('created')) res.status(201);
  next();
};

beforeAll(async () => {
  const [sqlite] = eachStore;
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store);
  servers = [
    createExpressMiddleware({ router: there, maxBodySize: 100_000, allowMethodOverride: true }),
    createExpressHandler({ auth: kit.auth, router: here }),
  ].map((handler) => express().use('/api/trpc', created, handler).listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await kit.stop();
  await store.remove();
});

/** The target as it stands, which `fetch` would tidy. */
const ask = async (server: Server | undefined, path: string, body?: string): Promise<unknown> => {
  const address = server?.address();
  if (address === undefined || address === null || typeof address === 'string') throw new Error('There is no port.');
  const headers = { 'x-latchkey': '1', ...(body !== undefined && { 'content-type': 'application/json' }) };
  const asked = request({ port: address.port, path, headers, method: body === undefined ? 'GET' : 'POST' });
  asked.end(body);
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  let said = '';
  for await (const part of answer ?? []) said += String(part);
  const codes = [...said.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code);
  return { status: answer?.statusCode, codes, results: said.includes('error') ? [] : said };
};

test.each([
  ['/api/trpc'],
  ['/api/trpc/'],
  ['/api/trpc///ping'],
  ['/api/trpc//ping'],
  ['/api/trpc/x/ping'],
  ['/api/trpc/ping/'],
  ['/api/trpc/ping'],
  ['/api/trpc/ping?'],
  ['/api/trpc/created/ping'],
  ['/api/trpc/created/no.such'],
  ['/api/trpc/deep.ping'],
  ['/api/trpc/deep%2Eping'],
  ['/api/trpc/deep'],
  ['/api/trpc/ping,deep.ping?batch=1'],
  ['/api/trpc/ping,?batch=1'],
  ['/api/trpc/?batch=1'],
  ['/api/trpc/ping,change?batch=1'],
  ['/api/trpc/ping?batch=true'],
  ['/api/trpc/echo?input=%7B%22text%22%3A%22hi%22%7D'],
  ['/api/trpc/echo?input='],
  ['/api/trpc/echo?input=%7B'],
  ['/api/trpc/echo,echo?batch=1&input=%7B%221%22%3A%7B%22text%22%3A%22hi%22%7D%7D'],
  ['/api/trpc/echo?batch=1&input=1'],
  ['/api/trpc/change'],
  ['/api/trpc/change', '{"text":"hi"}'],
  ['/api/trpc/change', '{"text":1}'],
  ['/api/trpc/change', '{'],
  ['/api/trpc/change', ''],
  ['/api/trpc/change?batch=1', '{"0":{"text":"hi"}}'],
  ['/api/trpc/change?batch=1', '[{"text":"hi"}]'],
  ['/api/trpc/change?batch=1', '"hi"'],
  ['/api/trpc/ping', '{}'],
])('%s %s is answered as by tRPC’s own adapter', async (path: string, body?: string) => {
  expect(await ask(servers[1], path, body)).toEqual(await ask(servers[0], path, body));
});

// tRPC's adapter takes the first for a host and fails, and says of the second that the server has failed.
test.each([
  ['/api/trpc//', { status: 404, codes: ['NOT_FOUND'] }],
  ['/api/trpc/%', { status: 400, codes: ['BAD_REQUEST'] }],
])('%s is refused for what it is', async (path, expected) => {
  expect(await ask(servers[1], path)).toMatchObject(expected);
});
