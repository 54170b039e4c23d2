import { once } from 'node:events';
import type { Server } from 'node:http';
import express from 'express';
import { afterEach, expect, test } from 'vitest';
import { clientAddressOf } from './client-address.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The address that a request with this header counts as coming from. The connection itself comes from 127.0.0.1. */
const addressOf = async (forwarded: string | undefined, trust: unknown = 'loopback'): Promise<unknown> => {
  const app = express();
  app.set('trust proxy', trust);
  app.use((req, res) => void res.json(clientAddressOf(req)));
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const headers = { connection: 'close', ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) };
  return (await fetch(`http://127.0.0.1:${address.port}/`, { headers })).json();
};

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:5678', '203.0.113.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:80', '2001:db8::1'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['[::ffff:203.0.113.9]:443', '203.0.113.9'],
  ['198.51.100.7:1, 203.0.113.9:2', '203.0.113.9'],
  [' 203.0.113.9:5678 ', '203.0.113.9'],
])('a trusted proxy says %s, and means %s', async (forwarded, address) => {
  expect(await addressOf(forwarded)).toBe(address);
});

test('a proxy of the chain is trusted with its port as well', async () => {
  const trust = ['loopback', '198.51.100.0/24'];
  expect(await addressOf('203.0.113.9:1234, 198.51.100.7:443', trust)).toBe('203.0.113.9');
  expect(await addressOf('192.0.2.1, 203.0.113.9:1234, 198.51.100.7:443', 2)).toBe('203.0.113.9');
});

test.each(['unknown', '_hidden', '203.0.113', '203.0.113.9:', '[', '[]:80', '203.0.113.9.5:80', 'x'.repeat(1000)])(
  '“%s” is no address',
  async (forwarded) => {
    expect(await addressOf(forwarded)).toBeNull();
  },
);

test('whoever is not trusted changes nothing by the header', async () => {
  expect(await addressOf('203.0.113.9:5678', false)).toBe('127.0.0.1');
  expect(await addressOf(undefined)).toBe('127.0.0.1');
});
