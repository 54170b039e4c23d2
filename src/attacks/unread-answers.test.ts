import { fstatSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '#testing/free-port.ts';
import { bearer, openTarget, type Person, type Target } from './kit/target.ts';

let metricsPort: number;
let target: Target;
beforeAll(async () => {
  metricsPort = await freePort();
  target = await openTarget({ METRICS_PORT: String(metricsPort) });
});
afterAll(() => target.stop());

const BEHIND = 12;

const request = (line: string, headers: Record<string, string> = {}, body = ''): string => {
  const all = { Host: 'x', ...headers, ...(body !== '' && { 'Content-Length': String(body.length) }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
};
const json = { 'x-latchkey': '1', 'content-type': 'application/json' };
const create = JSON.stringify({ text: 'note' });
const twoNotes = JSON.stringify({ 0: { text: 'one' }, 1: { text: 'two' } });

/** One request of each kind that the server answers, by who sends it. */
const KINDS: Record<string, (person: Person) => string> = {
  'a file': () => request('GET /assets/large-abc123.js'),
  'a file, compressed': () => request('GET /assets/large-abc123.js', { 'accept-encoding': 'gzip' }),
  'a part of a file': () => request('GET /assets/large-abc123.js', { range: 'bytes=10-900000' }),
  'a file without a hash': () => request('GET /favicon.svg'),
  'the page': () => request('GET /', { accept: 'text/html' }),
  'a file that is not there': () => request('GET /assets/missing.js'),
  'what is not there under /api': () => request('GET /api/missing'),
  'a target that names nothing': () => request('GET *'),
  healthz: () => request('GET /healthz'),
  readyz: () => request('GET /readyz'),
  'a preflight': () => request('OPTIONS /api/trpc/user.me', { origin: 'https://listed.example.org' }),
  'a query': (person) => request('GET /api/trpc/user.me', bearer(person)),
  'a batch': (person) => request('GET /api/trpc/user.me,notes.list,auth.claims?batch=1', bearer(person)),
  'a batch that is streamed': (person) =>
    request('GET /api/trpc/user.me,notes.list?batch=1', { ...bearer(person), 'trpc-accept': 'application/jsonl' }),
  'a mutation': (person) => request('POST /api/trpc/notes.create', { ...json, ...bearer(person) }, create),
  'a batch of mutations': (person) =>
    request('POST /api/trpc/notes.create,notes.create?batch=1', { ...json, ...bearer(person) }, twoNotes),
  'a call that is refused': () => request('GET /api/trpc/user.me'),
  'a call that the guard refuses': () => request('POST /api/trpc/notes.create', {}, create),
  'a live stream': (person) =>
    request('GET /api/trpc/notes.onChange', { ...bearer(person), accept: 'text/event-stream' }),
  'a live stream that goes on': (person) =>
    request('GET /api/trpc/notes.onChange', { ...bearer(person), 'last-event-id': '0', accept: 'text/event-stream' }),
  'a live stream that is refused': () => request('GET /api/trpc/notes.onChange', { accept: 'text/event-stream' }),
};

/** Sends all at once and reads nothing, until the first bytes of an answer are there; then resets the connection. */
const leaveUnread = (port: number, bytes: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.once('error', reject);
    socket.once('readable', () => socket.resetAndDestroy());
    socket.once('close', () => resolve());
  });

/** The files that this process, in which the server runs, holds open. */
const openFiles = (): number =>
  readdirSync('/dev/fd').filter((name) => {
    try {
      return fstatSync(Number(name)).isFile();
    } catch {
      return false; // It was the descriptor of this very look.
    }
  }).length;

const metrics = async (): Promise<string> =>
  (await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers: { connection: 'close' } })).text();

const openSubscriptions = async (): Promise<string | undefined> =>
  /^latchkey_open_subscriptions (\d+)$/m.exec(await metrics())?.[1];

/** How many calls of each procedure ran, by the metric that every one of them passes. */
const callsRun = async (): Promise<Map<string, number>> =>
  new Map(
    [...(await metrics()).matchAll(/^latchkey_call_duration_seconds_count\{procedure="(.*?)".*\} (\d+)$/gm)].reduce(
      (sums, [, name = '', count]) => sums.set(name, (sums.get(name) ?? 0) + Number(count)),
      new Map<string, number>(),
    ),
  );

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** How many of them the lines of requests name. What the guard answers is named there as well, and never runs. */
const callsLogged = (procedure: string): number =>
  target.server.log
    .records()
    .filter(({ msg, method, reasons }) => {
      const isGuards = method === 'OPTIONS' || textsIn(reasons).includes('origin_not_allowed');
      return msg === 'request' && !isGuards;
    })
    .flatMap(({ procedures }) => textsIn(procedures))
    .filter((name) => name === procedure).length;

/** The calls that ran and stand in no line, or stand there and did not run. */
const callsAmiss = async (): Promise<[string, number][]> =>
  [...(await callsRun())]
    .map(([name, count]): [string, number] => [name, count - callsLogged(name)])
    .filter(([, amiss]) => amiss !== 0);

/** All the places of a session, on connections of their own. */
const fillPlaces = async (person: Person): Promise<string[]> => {
  const leaving = new AbortController();
  const headers = { ...bearer(person), accept: 'text/event-stream' };
  const firstOf = async (): Promise<string> => {
    const { body } = await fetch(`${target.server.url}/api/trpc/notes.onChange`, { headers, signal: leaving.signal });
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    let said = '';
    while (!/connected[\s\S]*\n\n/.test(said)) said += (await reader?.read())?.value ?? '';
    return said;
  };
  const all = await Promise.all(Array.from({ length: 16 }, firstOf));
  leaving.abort();
  return all;
};

describe('answers that nobody reads leave nothing behind when their connection is reset', () => {
  const isNothingLeft = async (files: number, person: Person): Promise<void> => {
    await expect.poll(openFiles).toBeLessThanOrEqual(files);
    await expect.poll(openSubscriptions).toBe('0');
    expect(await fillPlaces(person)).not.toContainEqual(expect.stringContaining('too_many_streams'));
    await expect.poll(openSubscriptions).toBe('0');
    await expect.poll(callsAmiss).toEqual([]);
    await target.isUnharmed();
  };

  test.each(Object.keys(KINDS))('%s, behind others of its kind', async (kind) => {
    const person = await target.register();
    const files = openFiles();
    const one = KINDS[kind]?.(person) ?? '';
    await leaveUnread(Number(new URL(target.server.url).port), one.repeat(1 + BEHIND));
    await isNothingLeft(files, person);
  });

  test.each(Object.keys(KINDS))('%s, behind a live stream', async (kind) => {
    const person = await target.register();
    const files = openFiles();
    const one = KINDS[kind]?.(person) ?? '';
    const stream = KINDS['a live stream']?.(person) ?? '';
    await leaveUnread(Number(new URL(target.server.url).port), stream + one.repeat(BEHIND));
    await isNothingLeft(files, person);
  });
});
