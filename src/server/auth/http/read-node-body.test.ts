import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { TRPCError } from '@trpc/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readNodeBody } from './read-node-body.ts';

const CHUNKED = 'Transfer-Encoding: chunked';
const SLACK = 1_000_000; // What the system's buffers hold.

let port: number;
let close: () => Promise<unknown>;
/** How many bytes each connection that has ended had read. */
let read: Promise<number>;
let refusals: string[] = [];

beforeEach(async () => {
  refusals = [];
  const server = createServer((req, res) => {
    const answer = (body: object) => res.end(JSON.stringify(body));
    readNodeBody(req, res, 100_000).then(
      (body) => answer({ body: body instanceof Uint8Array ? new TextDecoder().decode(body) : null }),
      (error: unknown) => {
        refusals.push(error instanceof TRPCError ? error.code : 'unexpectedly');
        answer({ refused: refusals.at(-1) });
      },
    );
  });
  server.listen(0, '127.0.0.1');
  read = new Promise((resolve) => {
    server.on('connection', (socket) => socket.once('close', () => resolve(socket.bytesRead)));
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  ({ port } = address);
  close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
});
afterEach(() => close());

const post = async (headers: readonly string[], body: string): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // A server that has refused may close before it has read everything.
  await once(socket, 'connect');
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
  return socket;
};
const chunk = (length: number): string => `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`;
const lengthOf = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}`;

/** The answer on a connection that goes on behind it. */
const answerTo = async (headers: readonly string[], body: string): Promise<string> =>
  await text(await post([...headers, 'Connection: close'], body));

test('a body is text, whole, in whatever pieces it comes', async () => {
  expect(await answerTo([lengthOf('grüße')], 'grüße')).toContain('{"body":"grüße"}');
  expect(await answerTo([CHUNKED], '2\r\ngr\r\n1\r\n'.concat('x\r\n0\r\n\r\n'))).toContain('{"body":"grx"}');
  expect(await answerTo(['Content-Length: 0'], '')).toContain('{"body":null}');
  expect(await answerTo([], '')).toContain('{"body":null}');
  expect(await answerTo([CHUNKED], `${chunk(100_000)}0\r\n\r\n`)).toContain(`"${'x'.repeat(100_000)}"`);
});

test('one that is compressed is refused unread', async () => {
  expect(await answerTo([lengthOf('x'), 'Content-Encoding: gzip'], 'x')).toContain('UNSUPPORTED_MEDIA_TYPE');
  expect(await answerTo([lengthOf('x'), 'Content-Encoding: Identity'], 'x')).toContain('{"body":"x"}');
});

test.each([
  ['that says its length', [lengthOf('x'.repeat(100_001))], 'x'.repeat(100_001)],
  ['in chunks', [CHUNKED], `${chunk(100_001)}0\r\n\r\n`],
])('one a little over the limit is refused, and its connection goes on: %s', async (_how, headers, body) => {
  const socket = await post(headers, body);
  let heard = '';
  socket.on('data', (part) => {
    heard += part.toString();
  });
  await expect.poll(() => heard).toContain('PAYLOAD_TOO_LARGE');
  socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await expect.poll(() => heard).toContain('{"body":null}');
});

const ENDLESS = [
  ['that says its length', ['Content-Length: 999999999'], 'x'.repeat(50_000)],
  ['in chunks', [CHUNKED], chunk(50_000)],
] as const;

test.each(ENDLESS)('of one without an end no more is read than the limit twice: %s', async (_how, headers, part) => {
  const socket = await post(headers, '');
  socket.resume();
  const sending = setInterval(() => socket.write(part), 1);
  try {
    expect(await read).toBeLessThan(200_000 + SLACK);
  } finally {
    clearInterval(sending);
    socket.destroy();
  }
});

test.each(ENDLESS)('its sender is told why the connection ends: %s', async (_how, headers, part) => {
  expect(await text(await post(headers, part.repeat(5)))).toMatch(/Connection: close[\s\S]*PAYLOAD_TOO_LARGE/);
});

test('one whose sender goes half-way is waited for no longer', async () => {
  const socket = await post(['Content-Length: 100'], 'half');
  socket.destroy();
  await expect.poll(() => refusals).toEqual(['BAD_REQUEST']);
});
