import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '#testing/free-port.ts';
import { processEntry } from '#testing/process-entry.ts';
import { endServerChildren, type ServerChild, startServerChild } from '#testing/server-child.ts';

/** Each of these starts processes, and some wait for as long as a person would. */
const TIMEOUT = 90_000;
const SOON = { timeout: TIMEOUT };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  await endServerChildren();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const PRODUCTION = {
  MODE: 'production',
  ACCESS_TOKEN_SECRET: 'an-access-token-secret-for-this-test-0123456789',
  REFRESH_TOKEN_SECRET: 'a-refresh-token-secret-for-this-test-0123456789',
  DATA_SECRET: 'a-data-secret-for-this-test-0123456789',
};

const load = (port: number, path = '/'): Promise<string> =>
  fetch(`http://127.0.0.1:${port}${path}`).then(
    (response) => response.text(),
    () => 'no answer',
  );

const startFixture = async (env: Record<string, string> = {}): Promise<ServerChild & { port: number }> => {
  const port = await freePort();
  const server = startServerChild('defective-server', { PORT: String(port), ...env });
  await expect.poll(() => load(port), SOON).toBe('answered');
  return { ...server, port };
};

interface HalfSent {
  /** Sends the rest. The answer, or what became of it. */
  finish(): Promise<string>;
}

/** A request of which the server has the head and a part of the body. */
const sendHalf = async (port: number): Promise<HalfSent> => {
  const sent: ClientRequest = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    agent: false,
    headers: { 'content-length': 10, expect: '100-continue' },
  });
  const answer = new Promise<string>((resolve) => {
    sent.on('error', (error) => resolve(error.message));
    sent.on('response', (response) => {
      text(response).then(resolve, (error: unknown) => resolve(String(error)));
    });
  });
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.write('12345');
  return {
    finish: () => {
      sent.end('67890');
      return answer;
    },
  };
};

const halves = (port: number): Promise<HalfSent[]> => Promise.all(Array.from({ length: 10 }, () => sendHalf(port)));
const ALL_ANSWERED = Array.from({ length: 10 }, () => 'answered');

describe.each(['SIGINT', 'SIGTERM'] as const)('%s ends a server', (signal) => {
  test.each([{}, PRODUCTION])(
    'whose log nobody reads any more ($MODE)',
    async (env) => {
      const { child, port } = await startFixture(env);
      const exited = once(child, 'exit');
      child.stdout.destroy();
      child.stderr.destroy();
      expect(await load(port)).toBe('answered');
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
    },
    TIMEOUT,
  );

  test(
    'that is not cut off by the same signal coming twice',
    async () => {
      const { child, port, stdout, ended } = await startFixture();
      const requests = await halves(port);
      child.kill(signal);
      child.kill(signal);
      await expect.poll(stdout, SOON).toContain('"msg":"Stopping"');
      child.kill(signal);
      expect(await Promise.all(requests.map(({ finish }) => finish()))).toEqual(ALL_ANSWERED);
      expect(await ended).toEqual([0, null]);
      expect(stdout().match(/"msg":"Stopping"/g)).toHaveLength(1);
    },
    TIMEOUT,
  );

  test(
    'at once when somebody who waits sends it again later',
    async () => {
      const { child, port, stdout, ended } = await startFixture();
      const half = await sendHalf(port);
      child.kill(signal);
      await expect.poll(stdout, SOON).toContain('"msg":"Stopping"');
      const again = setInterval(() => child.kill(signal), 100);
      expect(await ended).toEqual([1, null]);
      clearInterval(again);
      expect(await half.finish()).not.toBe('answered');
      expect(stdout()).not.toContain('"msg":"Stopped"');
    },
    TIMEOUT,
  );

  test(
    'under npm, to whose whole process group it is sent, after the requests that run',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'latchkey-npm-'));
      cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
      const start = `exec node ${processEntry('defective-server')}`;
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a', version: '0.0.0', scripts: { start } }));
      const port = await freePort();
      const { child, stdout, ended } = startServerChild(
        'defective-server',
        { PORT: String(port), HOME: folder, npm_config_update_notifier: 'false' },
        { cwd: folder, command: ['npm', 'start'], detached: true },
      );
      const group = -(child.pid ?? expect.fail());
      cleanups.push(() => {
        try {
          process.kill(group, 'SIGKILL');
        } catch {
          // It has ended, as it should.
        }
      });
      await expect.poll(() => load(port), SOON).toBe('answered');

      const requests = await halves(port);
      process.kill(group, signal);
      await expect.poll(stdout, SOON).toContain('"msg":"Stopping"');
      expect(await Promise.all(requests.map(({ finish }) => finish()))).toEqual(ALL_ANSWERED);
      await ended;
      expect(stdout()).toContain('"msg":"Stopped"');
    },
    TIMEOUT,
  );
});

test(
  'a signal ends a server whose log has a reader that stopped; until then it answers, and says afterwards how much was dropped',
  async () => {
    const { child, port, stdout } = await startFixture();
    child.stdout.pause();
    // Far more than what the system and the server keep for a reader: of each error a few kilobytes are written.
    const logMuch = async (): Promise<void> => {
      for (let request = 0; request < 20; request += 1) {
        expect(await load(port, '/rejects?times=50&marks=5000')).toBe('answered');
      }
    };
    await logMuch();
    child.stdout.resume();
    await expect
      .poll(async () => (await load(port, '/rejects'), stdout()), SOON)
      .toMatch(/"dropped":\d+,"msg":"The reader of/);

    child.stdout.pause();
    await logMuch();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  },
  TIMEOUT,
);

test(
  'a server in production that a supervisor stops goes on for a while, for proxies to notice',
  async () => {
    const { child, port, ended, stdout } = await startFixture(PRODUCTION);
    child.kill('SIGTERM');
    await expect.poll(stdout, SOON).toContain('"msg":"Stopping"');
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'close']);
    expect(await ended).toEqual([0, null]);
  },
  TIMEOUT,
);
