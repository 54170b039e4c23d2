import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { type Listener, listen } from './listen.ts';

const listeners: Listener[] = [];
const agents: Agent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  await Promise.all(listeners.splice(0).map((listener) => listener.close(0)));
});

/** `Promise.withResolvers`, which Node.js 20 does not have. */
const withResolvers = <Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } => {
  let resolve = (_value: Value): void => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

const start = async (
  handle: (req: IncomingMessage, res: ServerResponse) => void,
  options: { hosts?: string[]; port?: number } = {},
): Promise<Listener> => {
  const server = createServer(handle);
  const listener = await listen(server, { port: options.port ?? 0, hosts: options.hosts ?? ['127.0.0.1'] });
  listeners.push(listener);
  return listener;
};

const hello = (_req: IncomingMessage, res: ServerResponse): void => void res.end('hello');

const request = (port: number, host = '127.0.0.1'): { agent: Agent; response: Promise<IncomingMessage> } => {
  const agent = new Agent({ keepAlive: true });
  agents.push(agent);
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, host, agent }, resolve).on('error', reject);
  });
  return { agent, response };
};

test('both loopback addresses answer, and so does localhost', async () => {
  const probe = await start(hello);
  const { port } = probe;
  await probe.close(0);
  await start(hello, { port, hosts: ['127.0.0.1', '::1'] });
  for (const host of ['127.0.0.1', '::1', 'localhost']) {
    expect(await text(await request(port, host).response)).toBe('hello');
  }
});

test('an address that this machine does not have is left out, as long as there is another', async () => {
  const { port } = await start(hello, { hosts: ['127.0.0.1', '198.51.100.1'] });
  expect(await text(await request(port).response)).toBe('hello');
  await expect(start(hello, { hosts: ['198.51.100.1'] })).rejects.toThrow('cannot listen');
  await expect(start(hello, { hosts: ['198.51.100.1', '198.51.100.2'] })).rejects.toThrow('has none of the addresses');
});

test('a port that is taken is said in one line, and nothing stays open', async () => {
  const { port } = await start(hello);
  await expect(start(hello, { port })).rejects.toThrow(
    `Port ${port} is taken by another program. Stop it, or choose another one with PORT.`,
  );
});

test('closing lets a running request finish, whole, and takes no new connection', async () => {
  const running = withResolvers<ServerResponse>();
  const listener = await start((_req, res) => running.resolve(res));
  const { response } = request(listener.port);
  const serverResponse = await running.promise;

  const closed = listener.close(60_000);
  const refused = await request(listener.port).response.catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' });

  serverResponse.end('finished');
  expect(await text(await response)).toBe('finished');
  await closed;
});

test('closing ends connections that wait for a request, used and unused ones', async () => {
  const listener = await start(hello);
  await text(await request(listener.port).response);
  const unused = connect(listener.port, '127.0.0.1');
  await once(unused, 'connect');
  const ended = once(unused, 'close');
  await listener.close(60_000);
  await ended;
});

test('a connection on the second address is let finish, too', async () => {
  const running = withResolvers<ServerResponse>();
  const probe = await start(hello);
  await probe.close(0);
  const listener = await start((_req, res) => running.resolve(res), { port: probe.port, hosts: ['127.0.0.1', '::1'] });
  const { response } = request(listener.port, '::1');
  const serverResponse = await running.promise;
  const closed = listener.close(60_000);
  serverResponse.end('finished');
  expect(await text(await response)).toBe('finished');
  await closed;
});

test('a request that does not end is cut off after the grace', async () => {
  const running = withResolvers<unknown>();
  const listener = await start((_req, res) => running.resolve(res));
  const { response } = request(listener.port);
  const failed = response.catch((error: unknown) => error);
  await running.promise;
  await listener.close(1);
  expect(await failed).toMatchObject({ code: 'ECONNRESET' });
});

test('while it drains it takes connections and ends each with its answer, and leaves those alone that wait for a request', async () => {
  const listener = await start(hello);
  const idle = request(listener.port);
  expect((await idle.response).headers.connection).toBe('keep-alive');
  await text(await idle.response);

  const until = withResolvers<void>();
  const drained = listener.drain(until.promise);
  const late = await request(listener.port).response;
  expect(late.headers.connection).toBe('close');
  expect(await text(late)).toBe('hello');

  const again = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port: listener.port, host: '127.0.0.1', agent: idle.agent }, resolve).on('error', reject);
  });
  expect([again.headers.connection, await text(again)]).toEqual(['close', 'hello']);
  const { reusedSocket } = Reflect.get(again, 'req');
  expect(reusedSocket).toBe(true);

  until.resolve();
  await drained;
  await listener.close(60_000);
});
