import pg from 'pg';
import { expect, test } from 'vitest';
import { postgres } from './open.ts';
import { explainNoAnswer, postgresAddress, postgresUrlProblem } from './url.ts';

test.each([
  ['postgres://user:password@db.example:5433/name', 'db.example', 5433, 'name'],
  ['postgresql://db.example/name?sslmode=verify-full', 'db.example', 5432, 'name'],
  ['postgres://user@[::1]/name', '::1', 5432, 'name'],
  ['postgres://user:password@/name?host=/var/run/postgresql', '/var/run/postgresql', 5432, 'name'],
  ['postgres://user:password@%2Fvar%2Frun%2Fpostgresql/name', '/var/run/postgresql', 5432, 'name'],
  ['postgres:///name?host=/tmp&port=5499', '/tmp', 5499, 'name'],
  ['socket:/var/run/postgresql?db=name', '/var/run/postgresql', 5432, 'name'],
  ['socket://user:password@/var/run/postgresql?db=name', '/var/run/postgresql', 5432, 'name'],
  ['/var/run/postgresql name', '/var/run/postgresql', 5432, 'name'],
  ['postgres://user:p%40ss%2Fw%23rd@db.example/name', 'db.example', 5432, 'name'],
  ['postgres://user:p@ss@db.example/name', 'db.example', 5432, 'name'],
])('%s is taken, as the driver takes it', (url, host, port, database) => {
  expect(postgresUrlProblem(url)).toBeUndefined();
  expect(postgresAddress(url)).toEqual({ host, port, database });
  expect(new pg.Client({ connectionString: url })).toMatchObject({ host, port, database });
});

const UNENCODED = ['/', '?', '#', '12/', '/12', '@x/', 'x@canary/', 'x@canary?', ':1/', '#@', '?a=b&', '%ff'];

test.each(UNENCODED)(
  'a password with %j in it is refused with a hint at what to do, and no part of it is said',
  (text) => {
    for (const password of [`canary${text}canary`, `${text}canary`, `12${text}34`]) {
      const problem = postgresUrlProblem(`postgres://me:${password}@db.example/name`);
      expect(problem).toContain('percent-encoded');
      expect(problem).not.toMatch(/canary|example|12|34/);
      // As it would have to be written.
      expect(postgresUrlProblem(`postgres://me:${encodeURIComponent(password)}@db.example/name`)).toBeUndefined();
    }
  },
);

const URL_OF_CANARIES = 'postgres://canaryuser:canarypassword@canaryhost/canaryname';

test.each([
  [Object.assign(new Error('getaddrinfo ENOTFOUND canaryhost'), { code: 'ENOTFOUND' }), /name of its host.*ENOTFOUND/],
  [Object.assign(new Error('connect ENOENT /canaryhost'), { code: 'ENOENT' }), /no socket.*ENOENT/],
  [
    new AggregateError([Object.assign(new Error('canaryhost'), { code: 'ECONNREFUSED' })]),
    /nothing listens.*ECONNREFUSED/,
  ],
  [
    Object.assign(new Error('password authentication failed for user "canaryuser"'), { code: '28P01' }),
    /percent-encoded/,
  ],
  [Object.assign(new Error('database "canaryname" does not exist'), { code: '3D000' }), /no database of that name/],
  [Object.assign(new Error("altnames: Host: canaryhost. is not cert's"), { code: 'ERR_TLS' }), /^error ERR_TLS$/],
  [new Error('something about canaryhost and canarypassword'), /^something about … and …$/],
  ['canaryname', /^…$/],
])('why a database does not answer is said without a part of its address: %s', (error, words) => {
  const text = explainNoAnswer(error, URL_OF_CANARIES);
  expect(text).toMatch(words);
  expect(text).not.toContain('canary');
});

test.each([
  'postgres://canaryuser:canarypassword@canary-host.invalid/canaryname',
  'postgres://canaryuser:canarypassword@/canaryname?host=/tmp/no/such/canary',
  'postgres://canaryuser:canarypassword@127.0.0.1:1/canaryname',
])('a start without %s says so, without a part of it', async (url) => {
  const error: unknown = await postgres(url)
    .open()
    .catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/^DatabaseUnavailableError: The database of DATABASE_URL does not answer: [^\n]+$/);
  expect(String(error)).not.toContain('canary');
});

test.each(['', 'Latchkey', 'pg_own', 'a b', '1st', 'a;b', '"a"', 'a'.repeat(41)])(
  'a schema named %j is refused where the store is made',
  (schema) => {
    expect(() => postgres({ url: 'postgres://db.example/name', schema })).toThrow(TypeError);
  },
);

test.each([0, -1, 1.5, Number.NaN])('a pool of %s connections is refused where the store is made', (pool) => {
  expect(() => postgres({ url: 'postgres://db.example/name', pool })).toThrow(TypeError);
});

test.each(['mysql://host/name', 'host:5432', 'postgres://user:canary/canary@host/name'])(
  'the address %s is refused where the store is made, without a part of it',
  (address) => {
    expect(() => postgres(address)).toThrow(/^The URL of the database must [^\n]*$/);
    expect(() => postgres(address)).not.toThrow(/canary/);
  },
);
