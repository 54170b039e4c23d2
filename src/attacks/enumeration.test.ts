import { hash as hashOutdated } from '@node-rs/argon2';
import type { KyselyPlugin, QueryId } from 'kysely';
import type { AuthTables } from 'latchkey/server';
import { createArgon2Pool, type PasswordHasher } from 'latchkey/server/passwords';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { createPostbox } from '#testing/postbox.ts';
import { quietFeed } from '#testing/quiet-feed.ts';
import { errorsIn } from './kit/answers.ts';
import type { Answer } from './kit/http.ts';
import { bearer, cookieOf, openTarget, type Target } from './kit/target.ts';

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

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

type Caller = ReturnType<ReturnType<TestAuth['openBrowser']>['call']>;

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
  const SAMPLES = isHeavy ? 200 : 50;
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
    kit.clock.sleep(8 * 24 * 60 * 60 * 1000);
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

describe.each(eachStore)('on $dialect, until its answer', ({ open }) => {
  const SAMPLES = isHeavy ? 200 : 5;
  let store: TestStore;
  let kit: TestAuth;
  let statements: string[] = [];
  const postbox = createPostbox();

  beforeAll(async () => {
    store = await open();
    const { database } = store;
    const watched = { ...database, db: database.db.withPlugin(watchStatements((name) => statements.push(name))) };
    kit = await createTestAuth(
      { database: watched },
      {
        feed: quietFeed,
        requireEmailVerification: true,
        features: [postbox.feature],
      },
    );
    const initiator = { id: 'test', address: null, userAgent: null };
    const names = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
    await kit.services.passwords.changes.createAccount(initiator, names);
    // One that somebody has changed and can take back.
    await kit.services.flows.begin({ kind: 'revert_email', address: 'kept@mail.example', ttlMs: 1000 });
    await database.db.withTables<AuthTables>().updateTable('auth_users').set({ email_verified_at: 1 }).execute();
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  const ASKING = {
    'a request for a reset': ({ auth }: Caller, email: string) => auth.requestPasswordReset({ email }),
    'a registration': ({ auth }: Caller, email: string) =>
      auth.register({ username: email.replace(/@.*/, ''), email, password: 'a long enough password' }),
  };

  test.for(['a request for a reset', 'a registration'] as const)(
    '%s asks the same of the store, whether there is an account or not',
    { timeout: 60_000 },
    async (what, { annotate }) => {
      const costOf = async (email: string) => {
        statements = [];
        postbox.mails.length = 0;
        const start = performance.now();
        const answer = await ASKING[what](kit.openBrowser().call(), email);
        const ms = performance.now() - start;
        // On its way to the wire it takes some more steps, and no turn of the event loop.
        for (let step = 0; step < 500; step += 1) await Promise.resolve();
        const asked = [...statements, ...postbox.mails.map(() => 'mail')];
        await kit.auth.work();
        return { answer, asked, ms };
      };
      const known: number[] = [];
      const unknown: number[] = [];
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        const one = await costOf('ada@mail.example');
        const other = await costOf('nobody@mail.example');
        const kept = await costOf('kept@mail.example');
        for (const { answer, asked } of [other, kept]) {
          expect(answer).toEqual(one.answer);
          expect(asked).toEqual(one.asked);
        }
        // The mail of a reset is written behind the answer.
        expect(one.asked.includes('mail')).toBe(what === 'a registration');
        known.push(one.ms);
        unknown.push(other.ms);
      }
      await annotate(`medians: ${median(known).toFixed(2)} ms known, ${median(unknown).toFixed(2)} ms unknown`);
    },
  );
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
  await annotate(
    `medians: ${median(times.known).toFixed(1)} ms known, ${median(times.unknown).toFixed(1)} ms unknown, ${median(times.outdated).toFixed(1)} ms outdated`,
  );
});
