import { randomUUID } from 'node:crypto';
import { type Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod/v4';

const grantSchema = z.object({ result: z.object({ data: z.object({ accessToken: z.string() }) }) });

interface Sending {
  method?: string;
  headers?: Record<string, string>;
  agent?: false;
}

interface Answer {
  status: number;
  body: string;
}

/** One request of a mix that goes round: mostly protected calls, and something of everything else. */
export type Visit = (turn: number) => Promise<void>;

/** Somebody who goes on calling. Every answer is looked at: one that the mix does not explain is an error. */
export const createVisitor = async (url: string, name: string, agent: Agent): Promise<Visit> => {
  const cookies = new Map<string, string>();
  const credentials = { username: name, password: 'correct horse battery staple' };
  let accessToken = '';

  const open = (path: string, options: Sending, body?: object): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
      const headers = { 'content-type': 'application/json', 'x-latchkey': '1', cookie, ...options.headers };
      request(`${url}${path}`, { agent, ...options, headers }, resolve)
        .on('error', reject)
        .end(body && JSON.stringify(body));
    });

  const send = async (path: string, options: Sending = {}, body?: object): Promise<Answer> => {
    const response = await open(path, options, body);
    for (const line of response.headers['set-cookie'] ?? []) {
      const [cookie = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? [];
      cookies.set(cookie, value);
    }
    return { status: response.statusCode ?? 0, body: await text(response) };
  };

  const mutate = (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${accessToken}` };
    return send(`/api/trpc/${path}`, { method: 'POST', headers }, body);
  };
  const query = (path: string) => send(`/api/trpc/${path}`, { headers: { authorization: `Bearer ${accessToken}` } });

  const expectStatus = ({ status, body }: Answer, expected: number): void => {
    if (status !== expected) throw new Error(`${status} in place of ${expected}: ${body.slice(0, 200)}`);
  };
  const takeGrant = (answer: Answer): void => {
    expectStatus(answer, 200);
    accessToken = grantSchema.parse(JSON.parse(answer.body)).result.data.accessToken;
  };
  const refresh = async () => takeGrant(await mutate('auth.refresh'));

  /** Like the client's link: a token that has expired is refreshed once. */
  const withToken = async (call: () => Promise<Answer>): Promise<void> => {
    const answer = await call();
    if (answer.status !== 401) return expectStatus(answer, 200);
    await refresh();
    expectStatus(await call(), 200);
  };

  const writeAndDelete = async (): Promise<void> => {
    const id = randomUUID();
    await withToken(() => mutate('notes.create', { id, text: 'soaked' }));
    await withToken(() => mutate('notes.delete', { id }));
  };

  /** Opens the live stream, and hears that it is open. */
  const listen = async (): Promise<IncomingMessage> => {
    await refresh();
    const headers = { authorization: `Bearer ${accessToken}`, accept: 'text/event-stream' };
    const stream = await open('/api/trpc/notes.onChange', { headers, agent: false });
    if (stream.statusCode !== 200) throw new Error(`The stream was answered with ${stream.statusCode}.`);
    await new Promise((resolve) => stream.once('data', resolve));
    return stream;
  };

  /** Signs in again, which ends the session before, and with it a stream that is open. */
  const signInAgain = async (): Promise<void> => {
    const stream = await listen();
    takeGrant(await mutate('auth.login', credentials));
    await text(stream);
  };

  const mix: readonly (() => Promise<void>)[] = [
    () => withToken(() => query('auth.claims')),
    () => withToken(() => query('notes.list')),
    () => withToken(() => query('auth.claims')),
    () => withToken(() => query('user.me')),
    () => withToken(() => query('auth.claims')),
    async () => expectStatus(await send('/healthz'), 200),
    () => withToken(() => query('sessions.list')),
    async () => expectStatus(await send('/api/trpc/auth.claims'), 401),
    refresh,
    async () => expectStatus(await send('/api/trpc/no.such'), 404),
  ];

  const mail = { ...credentials, email: `${name}@mail.example` };
  takeGrant(await mutate('auth.register', mail));
  return async (turn) => {
    if (turn % 100 === 99) return await signInAgain();
    if (turn % 50 === 49) return void (await listen()).destroy();
    if (turn % 20 === 19) return await writeAndDelete();
    await mix[turn % mix.length]?.();
  };
};
