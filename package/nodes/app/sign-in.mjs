import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { initTRPC } from '@trpc/server';
import express from 'express';
import { createExpressHandler } from 'latchkey/express';
import { createFetchHandler } from 'latchkey/fetch';
import { createNodeHandler } from 'latchkey/node';
import { createAuth, createSecretKeySet, protectedProcedure, trpcOptions } from 'latchkey/server';
import { passwords } from 'latchkey/server/passwords';

/**
 * What an app installs, on whatever it is run by: signs up, refreshes, asks for its user and signs out, over each host
 * that is named. Prints what came of it as JSON. Of plain JavaScript, since it is started as it is by every runtime.
 */
const [hostNames = '', databaseUrl = '', schema = ''] = process.argv.slice(2);

const keys = () => createSecretKeySet([randomBytes(32).toString('base64url')]);

const openDatabase = async (name) => {
  if (databaseUrl === '') return (await import('latchkey/sqlite')).sqlite(':memory:');
  const { postgres } = await import('latchkey/postgres');
  return postgres({ url: databaseUrl, schema: `latchkey_${schema}_${name}` });
};

const createStack = (database, publicUrl) => {
  const auth = createAuth({
    database,
    publicUrl,
    accessTokenKeys: keys(),
    refreshTokenKeys: keys(),
    features: [passwords()],
  });
  const t = initTRPC.context().meta().create(trpcOptions({ auth }));
  const whoAmI = t.procedure.concat(protectedProcedure).query(({ ctx }) => ctx.user.id);
  return { auth, router: t.router({ ...auth.routers, whoAmI }) };
};

const listen = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return () => {
    server.closeAllConnections();
    server.close();
  };
};

const HOSTS = {
  express: (stack, server) => server.on('request', express().use('/trpc', createExpressHandler(stack))),
  node: (stack, server) => {
    const handle = createNodeHandler(stack);
    server.on('request', (req, res) => void handle(req, res));
  },
};

/** The stack on a host, at an address that it knows before it starts. */
const start = async (name) => {
  const database = await openDatabase(name);
  if (name === 'bun') {
    let handle = () => new Response(null, { status: 503 });
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request, server) => handle(request, server) });
    const url = `http://127.0.0.1:${server.port}`;
    const stack = createStack(database, url);
    handle = createFetchHandler({ ...stack, address: (request) => server.requestIP(request)?.address });
    return { url, auth: stack.auth, close: () => server.stop(true) };
  }
  const server = createServer();
  const close = await listen(server);
  const url = `http://127.0.0.1:${server.address().port}`;
  const stack = createStack(database, url);
  if (name !== 'fetch') HOSTS[name](stack, server);
  return { url, auth: stack.auth, close, handle: name === 'fetch' ? createFetchHandler(stack) : undefined };
};

const signInOver = async (name) => {
  const { url, auth, close, handle } = await start(name);
  const cookies = new Map();
  let accessToken;
  const call = async (procedure, { method = 'POST', input } = {}) => {
    const request = new Request(`${url}/trpc/${procedure}`, {
      method,
      headers: {
        'x-latchkey': '1',
        cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join('; '),
        ...(method === 'POST' && { 'content-type': 'application/json' }),
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      },
      ...(input !== undefined && { body: JSON.stringify(input) }),
    });
    const response = await (handle ?? fetch)(request);
    for (const line of response.headers.getSetCookie()) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '') cookies.delete(key);
      else cookies.set(key, value);
    }
    const { result, error } = await response.json();
    accessToken = result?.data?.accessToken ?? accessToken;
    return { status: response.status, data: result?.data, reason: error?.data?.reason };
  };

  const person = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
  const anonymous = await call('whoAmI', { method: 'GET' });
  const registered = await call('auth.register', { input: person });
  const signedUp = accessToken;
  const refreshed = await call('auth.refresh');
  const user = await call('whoAmI', { method: 'GET' });
  const left = await call('auth.logout');
  const loggedIn = await call('auth.login', { input: { username: person.username, password: person.password } });
  close();
  await auth.stop();
  return {
    anonymous: anonymous.status,
    registered: registered.status,
    refreshed: refreshed.status,
    isNewToken: accessToken !== signedUp,
    user: typeof user.data,
    left: left.status,
    loggedIn: loggedIn.status,
  };
};

const answers = {};
for (const name of hostNames.split(',')) answers[name] = await signInOver(name);
process.stdout.write(JSON.stringify(answers));
