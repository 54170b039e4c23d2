import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as mini from 'zod/mini';
import { z as z3 } from 'zod/v3';
import { z } from 'zod/v4';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { startWireServer, type WireServer } from '#testing/wire.ts';
import type { AuthContext } from '../context.ts';
import { coreRouters } from '../core-routers.ts';
import { trpcOptions } from '../trpc/options.ts';
import { type ProcedureMeta, publicProcedure, router } from '../trpc/procedures.ts';

const MESSAGE = 'Use at least 3 characters.';

/** As libraries throw them that are not installed here. */
class ValiError extends Error {
  issues = [{ kind: 'validation', message: MESSAGE, path: [{ type: 'object', key: 'name', value: '' }] }];
}
class TraversalError extends Error {}
/** As an ORM wraps what its driver says. */
class QueryError extends Error {
  readonly query = 'select "secret" from "members"';
  constructor() {
    super('Failed query: select "secret" from "members" where "email" = $1, params: ada@mail.example');
  }
}
class TokenError extends Error {}
const isLong = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'name' in value && String(value.name).length >= 3;

const failing =
  (error: () => unknown) =>
  (value: unknown): { name: string } => {
    if (isLong(value)) return { name: 'long' };
    throw error();
  };

const withFields = {
  'zod 4': z.object({ name: z.string().min(3, MESSAGE) }),
  'zod mini': mini.object({ name: mini.string().check(mini.minLength(3, MESSAGE)) }),
  'zod 3': z3.object({ name: z3.string().min(3, MESSAGE) }),
  'Standard Schema': {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) =>
        isLong(value) ? { value: { name: 'long' } } : { issues: [{ message: MESSAGE, path: ['name'] }] },
    },
  } as const,
  'valibot’s parser': failing(() => new ValiError('Invalid length')),
};
const withWords = {
  'a function': failing(() => new Error(MESSAGE)),
  'a function that throws a text': failing(() => MESSAGE),
  arktype: Object.assign(() => null, { assert: failing(() => new TraversalError(MESSAGE)) }),
  superstruct: { create: failing(() => new TraversalError(MESSAGE)) },
};
const withoutWords = {
  'a defect': failing(() => new TypeError('Cannot read properties of undefined')),
  'a parser of JSON': failing(() => JSON.parse('{')),
  'an ORM': failing(() => new QueryError()),
  'an asynchronous refinement that asks a database': z.object({
    name: z.string().refine(async () => Promise.reject(new QueryError())),
  }),
  'a library': failing(() => new TokenError('jwt malformed')),
  'what carries a cause': failing(() => new Error('Could not look it up.', { cause: new QueryError() })),
  'a driver': failing(() => Object.assign(new Error('column "x" does not exist'), { code: '42703' })),
};

// oxlint-disable-next-line typescript/no-explicit-any -- whatever tRPC takes for a parser
const echoOf = (parser: any) => publicProcedure.input(parser).mutation(() => 'taken');
const echoes = (parsers: Record<string, unknown>) =>
  router(Object.fromEntries(Object.entries(parsers).map(([name, parser]) => [name, echoOf(parser)])));

const own = (code: TRPCError['code'] = 'CONFLICT') => new TRPCError({ code, message: 'Somebody was faster.' });
const found = () => z.object({ secretColumn: z.string() }).safeParse({}).error;
let failContext: (() => Error) | undefined;

const routes = router({
  ...coreRouters,
  withFields: echoes(withFields),
  withWords: echoes(withWords),
  withoutWords: echoes(withoutWords),
  output: publicProcedure
    .output(z.object({ secretColumn: z.string().min(9) }))
    .query(() => ({ secretColumn: 'short' })),
  thrown: publicProcedure.query(() => z.object({ secretColumn: z.string() }).parse({}).secretColumn),
  notFound: publicProcedure.query((): never => {
    throw new TRPCError({ code: 'NOT_FOUND', cause: found() });
  }),
  wrapped: publicProcedure.mutation((): never => {
    throw new TRPCError({ code: 'BAD_REQUEST', cause: new QueryError() });
  }),
  passedOn: publicProcedure.mutation((): never => {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'Pick another day.', cause: found() });
  }),
  own: publicProcedure.query((): never => {
    throw own();
  }),
  ownInput: publicProcedure.input(z.object({})).mutation((): never => {
    throw own('BAD_REQUEST');
  }),
  stream: publicProcedure.subscription(async function* (): AsyncGenerator<number> {
    yield 1;
    throw own();
  }),
  streamDefect: publicProcedure.subscription(async function* (): AsyncGenerator<number> {
    yield 1;
    throw new Error('secret words of a library');
  }),
  ownService: publicProcedure.query((): never => {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:80'), { code: 'ECONNREFUSED' });
  }),
  ping: publicProcedure.query(() => 'pong'),
});

let store: TestStore;
let kit: TestAuth;
let server: WireServer;
beforeAll(async () => {
  const [sqlite] = eachStore;
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store);
  server = await startWireServer(kit.auth, routes, {
    createContext: (context) => {
      const error = failContext?.();
      if (error !== undefined) throw error;
      return context;
    },
  });
});
afterAll(async () => {
  await server.close();
  await kit.stop();
  await store.remove();
});

interface Told {
  status: number;
  message: string;
  fields: unknown;
  code: unknown;
}

const tellingOf = async (response: Response): Promise<Told> => {
  const { error }: { error: { message: string; data: Record<string, unknown> } } = await response.json();
  return { status: response.status, message: error.message, fields: error.data['fields'], code: error.data['code'] };
};
const refused = async (path: string, input: unknown = { name: 'ab' }): Promise<Told> =>
  tellingOf(await server.mutate(encodeURIComponent(path), input));
const asked = async (path: string): Promise<Told> => tellingOf(await server.send(path, { method: 'GET', headers: {} }));

const PLAIN = 'The request could not be read. Check its form.';
const UNEXPECTED = 'Something went wrong on our side. Try again in a moment.';

describe('an input that is refused by', () => {
  test.each(Object.keys(withFields))('%s names its fields', async (name) => {
    expect(await refused(`withFields.${name}`)).toMatchObject({
      status: 400,
      message: 'Some of the input is not right. Check the fields.',
      fields: { formErrors: [], fieldErrors: { name: [MESSAGE] } },
    });
    expect((await server.mutate(encodeURIComponent(`withFields.${name}`), { name: 'abc' })).status).toBe(200);
  });

  test.each(Object.keys(withWords))('%s is told by its words', async (name) => {
    expect(await refused(`withWords.${name}`)).toEqual({
      status: 400,
      message: MESSAGE,
      fields: undefined,
      code: 'BAD_REQUEST',
    });
  });

  test.each(Object.keys(withoutWords))('%s says nothing of what went wrong in it', async (name) => {
    expect(await refused(`withoutWords.${name}`)).toMatchObject({ status: 400, message: PLAIN, fields: undefined });
  });
});

test('what a library says is not passed on from a resolver, whatever the code', async () => {
  expect(await refused('wrapped')).toMatchObject({ status: 400, message: PLAIN, fields: undefined });
});

test('fields that the input names itself are fields like others', async () => {
  const { fieldErrors } = z
    .object({ fieldErrors: z.record(z.string(), z.unknown()) })
    .parse((await refused('withFields.zod 4', JSON.parse('{"name": 1, "__proto__": 2}'))).fields);
  expect(Object.keys(fieldErrors)).toEqual(['name']);
});

describe('what was not an input says nothing of its fields', () => {
  test.each(['output', 'thrown'])('%s', async (name) => {
    expect(await asked(name)).toEqual({
      status: 500,
      message: UNEXPECTED,
      fields: undefined,
      code: 'INTERNAL_SERVER_ERROR',
    });
  });

  test('an error of another code that has one for its cause', async () => {
    expect(await asked('notFound')).toMatchObject({
      message: 'There is nothing here by this name.',
      fields: undefined,
    });
  });
});

test('another service of the app’s that is away is no store that is', async () => {
  expect(await asked('ownService')).toMatchObject({ status: 500, message: UNEXPECTED, code: 'INTERNAL_SERVER_ERROR' });
});

describe('own words arrive', () => {
  const words = { message: 'Somebody was faster.', code: 'CONFLICT' };

  test('from a resolver', async () => {
    expect(await asked('own')).toMatchObject(words);
    expect(await refused('ownInput', {})).toMatchObject({ ...words, code: 'BAD_REQUEST' });
    expect(await refused('passedOn')).toMatchObject({
      message: 'Pick another day.',
      fields: { fieldErrors: { secretColumn: [expect.any(String)] } },
    });
  });

  test('from the context', async () => {
    failContext = () => own();
    expect(await asked('ping')).toMatchObject(words);
    failContext = () => new Error('secret words of a library');
    expect(await asked('ping')).toMatchObject({ message: UNEXPECTED });
    failContext = undefined;
  });

  test('from a generator', async () => {
    const told = async (path: string) => (await server.send(path, { method: 'GET', headers: {} })).text();
    expect(await told('stream')).toContain('Somebody was faster.');
    expect(await told('streamDefect')).toContain(UNEXPECTED);
    expect(await told('streamDefect')).not.toContain('secret words');
  });
});

test('the formatter of an error is given the input that tRPC gives it', async () => {
  const given: unknown[] = [];
  const stack = initTRPC
    .context<AuthContext>()
    .meta<ProcedureMeta>()
    .create(
      trpcOptions({
        errorFormatter: ({ input, shape }) => {
          given.push(input);
          return shape;
        },
      }),
    );
  const bare = initTRPC.create({
    errorFormatter: ({ input, shape }) => {
      given.push(input);
      return shape;
    },
  });
  const fail = (): never => {
    throw own();
  };
  const procedure = stack.procedure.concat(publicProcedure);
  const here = await startWireServer(
    kit.auth,
    stack.router({ ...coreRouters, none: procedure.mutation(fail), some: procedure.input(z.unknown()).mutation(fail) }),
  );
  const there = bare.router({
    none: bare.procedure.mutation(fail),
    some: bare.procedure.input(z.unknown()).mutation(fail),
  });
  const body = '{"some":"input"}';

  for (const path of ['none', 'some']) {
    await here.send(path, { body });
    const headers = { 'content-type': 'application/json' };
    const req = new Request(`http://localhost/${path}`, { method: 'POST', headers, body });
    await fetchRequestHandler({ endpoint: '', req, router: there });
    const [actual, expected] = given.splice(0);
    expect(actual).toEqual(expected);
  }
  await here.close();
});
