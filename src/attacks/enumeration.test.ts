import { hash as hashOutdated } from '@node-rs/argon2';
import type { KyselyPlugin, QueryId } from 'kysely';
import { createArgon2Pool, type PasswordHasher } from 'latchkey/server/passwords';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { quietFeed } from '#testing/quiet-feed.ts';
import { errorsIn } from './kit/answers.ts';
import type { Answer } from './kit/http.ts';
import { bearer, cookieOf, openTarget, type Target } from './kit/target.ts';

const WRONG = 'not the password of anybody';

describe('an answer does not tell whether an account exists', () => {
  let target: Target;
  beforeAll(async () => {
    target = await openTarget();
  });
  afterAll(() => target.stop());

  /** All of an answer that does not differ from one request to the next by itself. */
  const sayingOf = ({ status, headers, setCookies, text }: Answer) => ({
    status,
    setCookies,
    headers: Object.entries(headers).filter(([name]) => !['date', 'x-request-id'].includes(name)),
    text: text.replace(/"requestId":"[^"]+"/, ''),
  });

  test.each([
    ['by its username', (at: Target) => at.victim.username, 'nobody_here'],
    ['by its username in capitals', (at: Target) => at.victim.username.toUpperCase(), 'NOBODY_HERE'],
    ['by its username in full width', (at: Target) => at.victim.username.replace('p', 'ｐ'), 'nobody_ｈere'],
    ['by its e-mail', (at: Target) => at.victim.email, 'nobody@mail.example'],
    ['by its e-mail with spaces', (at: Target) => ` ${at.victim.email} `, ' nobody@mail.example '],
  ])('%s', async (_how, known, unknown) => {
    const answers = [
      await target.mutate('auth.login', { username: known(target), password: WRONG }),
      await target.mutate('auth.login', { username: unknown, password: WRONG }),
    ].map(sayingOf);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.text).toContain('invalid_credentials');
    await target.isUnharmed();
  });

  test.each([
    ['by the id of a session', 'sessions.revoke'],
    ['by the id of a note', 'notes.delete'],
  ])('nor a thing of another user, %s', async (_how, procedure) => {
    const attacker = await target.register();
    const id =
      procedure === 'notes.delete'
        ? '0b0b0b0b-1b1a-4919-8817-161514131211'
        : /"id":"([^"]+)"/.exec((await target.query('sessions.list', bearer(target.victim))).text)?.[1];
    if (procedure === 'notes.delete') await target.mutate('notes.create', { id, text: 'mine' }, bearer(target.victim));
    const mine = { ...bearer(attacker), ...cookieOf(attacker) };
    const theirs = await target.mutate(procedure, { id }, mine);
    const nobodys = await target.mutate(procedure, { id: '00000000-0000-4000-8000-000000000000' }, mine);
    expect(sayingOf(theirs)).toEqual(sayingOf(nobodys));
    expect(errorsIn(theirs)[0]?.data.code).toBe('NOT_FOUND');
    await target.isUnharmed();
  });
});

/** What a login that fails asks of the store. Something else may run beside it by itself. */
const OF_A_LOGIN = new Set(['SelectQueryNode auth_users', 'InsertQueryNode auth_limits']);

/** Tells of each statement that is executed, by its kind and its table. */
const watchStatements = (tell: (name: string) => void): KyselyPlugin => {
  const names = new WeakMap<QueryId, string>();
  return {
    transformQuery: ({ node, queryId }) => {
      const table = /"name":"(auth_\w+)"/.exec(JSON.stringify(node))?.[1] ?? '';
      names.set(queryId, `${node.kind} ${table}`);
      return node;
    },
    transformResult: async ({ queryId, result }) => {
      tell(names.get(queryId) ?? '');
      return result;
    },
  };
};

describe.each(eachStore)('on $dialect, a login of an unknown user costs what one of a known user does', ({ open }) => {
  const SAMPLES = 200;
  let store: TestStore;
  let kit: TestAuth;
  let statements: string[] = [];
  let hashes: string[] = [];

  const counted: PasswordHasher = {
    hash: async (password) => {
      hashes.push('hash');
      return `counted$${password}`;
    },
    verify: async (hash, password) => {
      hashes.push('verify');
      return hash === `counted$${password}`;
    },
    isOutdated: () => false,
  };

  beforeAll(async () => {
    store = await open();
    const { database } = store;
    const watched = { ...database, db: database.db.withPlugin(watchStatements((name) => statements.push(name))) };
    kit = await createTestAuth({ database: watched }, { hasher: counted, rateLimit: true, feed: quietFeed });
    await kit.openBrowser().register('ada');
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  const costOf = async (username: string): Promise<{ statements: string[]; hashes: string[]; ms: number }> => {
    // Each attempt comes when all earlier ones are forgotten: none is limited.
    kit.clock.advance(8 * 24 * 60 * 60 * 1000);
    statements = [];
    hashes = [];
    const start = performance.now();
    const error: unknown = await kit
      .openBrowser()
      .call()
      .auth.login({ username, password: WRONG })
      .catch((cause: unknown) => cause);
    const ms = performance.now() - start;
    expect(String(error)).toContain('username or the password');
    return { statements: statements.filter((name) => OF_A_LOGIN.has(name)), hashes, ms };
  };

  const median = (numbers: readonly number[]): number =>
    numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

  test(`in ${SAMPLES} attempts of each, by hashes and by statements`, async ({ annotate }) => {
    const known: number[] = [];
    const unknown: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const one = await costOf('ada');
      const other = await costOf(`nobody_${sample}`);
      expect(one.hashes).toEqual(['verify']);
      expect(other.hashes).toEqual(one.hashes);
      expect(new Set(one.statements)).toEqual(OF_A_LOGIN);
      expect(other.statements).toEqual(one.statements);
      known.push(one.ms);
      unknown.push(other.ms);
    }
    // Told, not asserted: time on a shared machine is nobody's to promise.
    await annotate(`medians: ${median(known).toFixed(2)} ms known, ${median(unknown).toFixed(2)} ms unknown`);
  }, 60_000);
});

test('how long a wrong password takes is told: of a known user, of an unknown one, and with an outdated hash', async ({
  annotate,
}) => {
  const passwords = createArgon2Pool({ concurrency: 1 });
  const hash = await passwords.hash('somebody’s password');
  // Made with a third of the work, and renewed at the next login that succeeds.
  const outdated = await hashOutdated('somebody’s password', { memoryCost: 4096, timeCost: 3, parallelism: 1 });
  const times = { known: [] as number[], unknown: [] as number[], outdated: [] as number[] };
  await passwords.verify(undefined, WRONG);
  for (let sample = 0; sample < Number(process.env.TIMING_SAMPLES ?? 20); sample += 1) {
    for (const [who, stored] of [
      ['known', hash],
      ['unknown', undefined],
      ['outdated', outdated],
    ] as const) {
      const start = performance.now();
      expect(await passwords.verify(stored, WRONG)).toBe(false);
      times[who].push(performance.now() - start);
    }
  }
  const median = (numbers: number[]): string =>
    (numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0).toFixed(1);
  await annotate(
    `medians: ${median(times.known)} ms known, ${median(times.unknown)} ms unknown, ${median(times.outdated)} ms outdated`,
  );
});
