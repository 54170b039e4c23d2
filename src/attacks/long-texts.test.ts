import { createHash } from 'node:crypto';
import { policiesOf } from 'latchkey/server';
import { identifierKey } from 'latchkey/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { appRouter } from '#server/routers/index.ts';
import { type FuzzApp, openFuzzApp } from './kit/fuzz-app.ts';
import type { HttpRequest } from './kit/http.ts';
import { dispatch } from './kit/socketless.ts';

/** Each grows under some transform, or makes one slow: NFKC sorts marks in a time that is quadratic in their number. */
const HOSTILE_UNITS = {
  'marks in the wrong order': ['\u0315', '\u0300'],
  'marks that come apart': ['\u0344', '\u0315'],
  'letters that grow eighteenfold': ['\ufdfa'],
  'letters that grow in lower case': ['\u0130'],
  'white space and a letter': [' ', '\u3000', 'a'],
  'dots and an at': ['a.', '-.', '@'],
  'lone surrogates': ['\ud800'],
} as const;

const hostile = (length: number): [string, string][] =>
  Object.entries(HOSTILE_UNITS).map(([what, units]) => {
    const each = Math.floor(length / units.length);
    return [what, units.map((unit) => unit.repeat(Math.floor(each / unit.length))).join('')];
  });

/** In UTF-16 units: what normalising so much of the worst text costs is not to be measured. */
const MAX_NORMALIZED = 1024;

/** Eighteen times as much comes of it at most, which is in order then, and costs little to look at again. */
const MAX_LOOKED_AT = 18 * MAX_NORMALIZED;

/** The lengths of the texts that were too much. */
let excesses: number[] = [];
beforeEach(() => {
  excesses = [];
  const { normalize } = String.prototype;
  vi.spyOn(String.prototype, 'normalize').mockImplementation(function (this: string, form) {
    // Without the work itself, so that a failure is told at once.
    const result = this.length > MAX_LOOKED_AT ? '' : normalize.call(this, form);
    if (this.length > MAX_NORMALIZED && result !== this) excesses.push(this.length);
    return result;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(excesses).toEqual([]);
});

/** The fields of an input that take a text, as JSON Schema names them. */
const textFieldsOf = (schema: z.ZodType): string[] => {
  const shape = z.object({ properties: z.record(z.string(), z.looseObject({ type: z.string().optional() })) });
  const { properties } = shape.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return Object.entries(properties)
    .filter(([, { type, ...rest }]) => type === 'string' && !('const' in rest))
    .map(([name]) => name);
};

const hasInputs = z.custom<{ _def: { inputs: unknown[] } }>(
  (procedure) => typeof procedure === 'function' && '_def' in procedure,
);
const procedures = z.record(z.string(), hasInputs).parse(appRouter._def.procedures);

const fields = [...policiesOf(appRouter).keys()].flatMap((path) =>
  (procedures[path]?._def.inputs ?? []).flatMap((schema) => {
    if (!(schema instanceof z.ZodType)) throw new Error(`The input of ${path} cannot be looked into.`);
    return textFieldsOf(schema).map((field) => ({ path, field, schema }));
  }),
);

test('the fields of the app that take a text are known', () => {
  const names = fields.map(({ path, field }) => `${path} ${field}`);
  expect(names).toEqual(expect.arrayContaining(['auth.login username', 'auth.register email', 'notes.create text']));
});

describe.each(fields)('$path: $field', ({ field, schema }) => {
  test.each(hostile(50_000))('refuses 50,000 %s', (_what, text) => {
    const { error } = schema.safeParse({ [field]: text });
    expect(error?.issues.map(({ path }) => path.join('.'))).toContain(field);
  });
});

test('a name that is asked for in the shell, however long, is not worked on', () => {
  for (const [, text] of hostile(100_000)) expect(identifierKey(text).length).toBeGreaterThan(90_000);
});

describe('of a request, no text is worked on before its length is known', () => {
  let fuzzed: FuzzApp;
  let token: string | undefined;
  beforeAll(async () => {
    fuzzed = await openFuzzApp();
    const browser = fuzzed.kit.openBrowser();
    await browser.register('ada');
    token = browser.accessToken;
  });
  afterAll(() => fuzzed.close());

  const isAnswered = async (request: HttpRequest): Promise<void> => {
    const { status } = await dispatch(fuzzed.app, request);
    expect(status).toBeLessThan(500);
    expect(fuzzed.takeDefects()).toEqual([]);
  };
  const post = { 'x-latchkey': '1', 'content-type': 'application/json' };

  test.each(fields)('$path: $field', async ({ path, field }) => {
    const authorization = `Bearer ${token ?? ''}`;
    const good = { username: 'ada', email: 'ada@mail.example', password: createHash('sha1').digest('hex') };
    for (const [, text] of hostile(30_000)) {
      const input = JSON.stringify({ ...good, [field]: text });
      await isAnswered({
        method: 'POST',
        target: `/api/trpc/${path}`,
        headers: { ...post, authorization },
        body: input,
      });
    }
  });

  test.each([
    'accept',
    'authorization',
    'content-type',
    'cookie',
    'last-event-id',
    'origin',
    'sec-fetch-site',
    'trpc-accept',
    'user-agent',
    'x-forwarded-for',
    'x-request-id',
  ])('the header %s', async (name) => {
    for (const [, sent] of hostile(6000)) {
      // As it arrives: a header's bytes are read as Latin-1.
      const text = Buffer.from(sent).toString('latin1');
      for (const value of [text, `Bearer ${text}`, `__Host-refresh=${text}`, `${text};`.repeat(2)]) {
        const headers = { ...post, authorization: `Bearer ${token ?? ''}`, [name]: value };
        await isAnswered({ target: '/api/trpc/auth.claims', headers });
        await isAnswered({ method: 'POST', target: '/api/trpc/auth.refresh', headers });
      }
    }
  });

  test('the path and the query', async () => {
    for (const [, text] of hostile(3000)) {
      const escaped = encodeURIComponent(Buffer.from(text).toString());
      await isAnswered({ target: `/api/trpc/${escaped}` });
      await isAnswered({ target: `/api/trpc/auth.claims?batch=${escaped}` });
      await isAnswered({
        target: `/api/trpc/notes.list?input=${escaped}`,
        headers: { authorization: `Bearer ${token ?? ''}` },
      });
    }
  });
});
