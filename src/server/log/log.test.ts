import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTestLog } from '#testing/log.ts';

const SOME_TEXT: unknown = expect.any(String);
const SOME_TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
const TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNpZ25hdHVyZQ';

test('a record is one line of JSON, with its level and time in words', () => {
  const { log, text, records } = createTestLog();
  log.info({ requestId: 'a\nb' }, 'several\nlines');
  expect(text().split('\n')).toHaveLength(2);
  expect(records()).toEqual([{ level: 'info', time: SOME_TIME, requestId: 'a\nb', msg: 'several\nlines' }]);
});

test('of an error only type, message, code, stack and cause are written, however much hangs on it', () => {
  const { log, records } = createTestLog();
  const cause = Object.assign(new Error('inner'), { code: '23505', detail: 'canary', parameters: ['canary'] });
  log.error({ err: Object.assign(new TypeError('outer', { cause }), { body: 'canary', req: { headers: 'canary' } }) });
  expect(records()[0]?.err).toEqual({
    type: 'TypeError',
    message: 'outer',
    stack: SOME_TEXT,
    cause: { type: 'Error', message: 'inner', code: '23505', stack: SOME_TEXT },
  });
});

test('a token in a message, a stack, a path or a procedure is blotted out', () => {
  const { log, text } = createTestLog();
  log.error({ err: new Error(`cannot read ${TOKEN}`) });
  log.error({ err: TOKEN });
  log.info({ path: `/api/trpc/${TOKEN}`, procedures: [TOKEN] });
  log.info({ path: `/${TOKEN.slice(0, 60)}` });
  expect(text()).not.toMatch(/eyJ/);
  expect(text()).toContain('cannot read [token]');
});

test('a user and a password in an address are blotted out, and nothing else of it', () => {
  const { log, text, records } = createTestLog();
  log.error({ err: new Error('cannot reach postgres://ada:canary@db.example:5432/name') });
  log.info({ path: '//canary@host/a', agent: 'see https://example.com/@canvas' });
  expect(text()).not.toContain('canary');
  expect(text()).toContain('postgres://[userinfo]@db.example:5432/name');
  expect(records()[1]).toMatchObject({ path: '//[userinfo]@host/a', agent: 'see https://example.com/@canvas' });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400, size: 'max' }),
  fc.string({ unit: fc.constantFrom('\u0000', '"', '\\', 'é', '\ud800', '😀', 'a'), maxLength: 400, size: 'max' }),
);

test('a text is cut after 256 bytes, as they stand in the line, and says so', () => {
  fc.assert(
    fc.property(anyText, fc.array(anyText, { maxLength: 3 }), (agent, procedures) => {
      const { log, text, records } = createTestLog();
      log.info({ agent, procedures }, 'request');
      const [, quoted = ''] = /"agent":(".*"),"procedures"/su.exec(text()) ?? [];
      expect(Buffer.byteLength(quoted) - 2).toBeLessThanOrEqual(256);
      expect(Buffer.byteLength(text())).toBeLessThan(200 + 4 * 259);
      const [record] = records();
      const given = [agent, ...procedures];
      for (const [index, written] of [record?.agent, record?.procedures].flat().entries()) {
        const whole = given[index] ?? '';
        if (Buffer.byteLength(JSON.stringify(whole)) - 2 <= 256) expect(written).toBe(whole);
        else expect([String(written).at(-1), whole.startsWith(String(written).slice(0, -1))]).toEqual(['…', true]);
      }
    }),
  );
});

test('an error is cut as well: its message, its stack and its causes', () => {
  const { log, text } = createTestLog();
  const long = '\u0001'.repeat(100_000);
  const withCode = (cause?: Error): Error => Object.assign(new Error(long, { cause }), { code: long, name: long });
  log.error({ err: withCode(withCode(withCode(withCode(withCode())))) }, 'failed');
  log.error({ err: long }, 'failed');
  expect(text().length).toBeLessThan(4 * 6000 + 2000);
});
