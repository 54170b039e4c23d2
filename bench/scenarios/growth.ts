import { createTestAuth, type TestAuth, type TestBrowser } from '../../src/testing/auth.ts';
import { runEachStatement } from '../../src/testing/each-statement.ts';
import { explainOn } from '../../src/testing/explain.ts';
import { fillWithPeople } from '../../src/testing/people.ts';
import { quietFeed } from '../../src/testing/quiet-feed.ts';
import { type BenchStore, openBenchStore } from '../bench-store.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { ratiosOf, spreadOf } from '../statistics.ts';

const LEEWAY = 30_000;
const DIALECTS = ['sqlite', 'postgres'] as const;

/** A store with so many people in it, and some more who are really there. */
interface Town {
  store: BenchStore;
  kit: TestAuth;
  browsers: TestBrowser[];
}

const foundTown = async (dialect: (typeof DIALECTS)[number], people: number, active: number): Promise<Town> => {
  const store = await openBenchStore(dialect);
  const kit = await createTestAuth(store, { feed: quietFeed });
  const now = kit.clock.now();
  await store.database.withUnboundedConnection((db) =>
    fillWithPeople({ db, dialect }, { people, now, onlyAccounts: true }),
  );
  const browsers = Array.from({ length: active }, () => kit.openBrowser());
  for (const [index, browser] of browsers.entries()) await browser.register(`active_${index}`);
  return { store, kit, browsers };
};

/** Microseconds a call, of one call after the other. */
const timeEach = async (
  browsers: readonly TestBrowser[],
  call: (browser: TestBrowser, index: number) => Promise<unknown>,
) => {
  const start = performance.now();
  for (const [index, browser] of browsers.entries()) await call(browser, index);
  return ((performance.now() - start) * 1000) / browsers.length;
};

type Measure = (town: Town) => Promise<number>;

const MEASURES: Readonly<Record<string, Measure>> = {
  'refresh that rotates': ({ kit, browsers }) => {
    kit.clock.advance(LEEWAY);
    return timeEach(browsers, (browser) => browser.refresh());
  },
  'refresh that replays': ({ browsers }) => timeEach(browsers, (browser) => browser.refresh()),
  'list of sessions': ({ browsers }) => timeEach(browsers, (browser) => browser.call().sessions.list()),
  'login without its hash': ({ kit, browsers }) =>
    timeEach(browsers, (_, index) => kit.openBrowser().login(`active_${index}`)),
};

const explainAll = async ({ store }: Town): Promise<number> => {
  const { database, location, takeStatements, remove } = store;
  takeStatements();
  await runEachStatement({ database, location, remove });
  const statements = new Map(takeStatements().map((one) => [one.sql, one]));
  let whole = 0;
  for (const statement of statements.values()) {
    if (!/"auth_(?:users|sessions)"/.test(statement.sql)) continue;
    const found = await explainOn[database.dialect](database.db, statement);
    whole += found.filter(({ index }) => index !== 'auth_users_with_roles').length;
  }
  return whole;
};

const compareTowns = async (dialect: (typeof DIALECTS)[number], sizes: Sizes): Promise<Row[]> => {
  const [small, large] = [
    await foundTown(dialect, sizes.few, sizes.active),
    await foundTown(dialect, sizes.many, sizes.active),
  ];
  try {
    const rows: Row[] = [];
    for (const [what, measure] of Object.entries(MEASURES)) {
      const few: number[] = [];
      const many: number[] = [];
      for (let round = 0; round < sizes.rounds; round += 1) {
        few.push(await measure(small));
        many.push(await measure(large));
      }
      rows.push({
        what: `${what}, ${dialect}, ${sizes.many.toLocaleString('en')} people`,
        unit: 'µs a call',
        ours: spreadOf(many),
        comparedWith: `${sizes.few.toLocaleString('en')} people`,
        theirs: spreadOf(few),
        ratio: spreadOf(ratiosOf(many, few)),
      });
    }
    rows.push({
      what: `statements that read a whole table, ${dialect}, ${sizes.many.toLocaleString('en')} people`,
      unit: 'statements',
      ours: spreadOf([await explainAll(large)]),
      target: { atMost: 0 },
    });
    return rows;
  } finally {
    for (const { kit, store } of [small, large]) {
      await kit.stop();
      await store.remove();
    }
  }
};

/** The gate alone, for the same token again and again: a token that is verified, and a look into the revocations. */
const verification = async ({ rounds, revoked }: Sizes): Promise<Row> => {
  const CALLS = 20_000;
  const store = await openBenchStore('sqlite');
  const kits = [await createTestAuth(store, { feed: quietFeed }), await createTestAuth(store, { feed: quietFeed })];
  const times: number[][] = [[], []];
  const [, full] = kits;
  for (let index = 0; index < revoked; index += 1) {
    await full?.services.revocations.announce([
      { kind: 'session', sid: `${index}`.padStart(43, 'x'), cause: 'logout' },
    ]);
  }
  const tokens = [];
  for (const [index, kit] of kits.entries()) {
    const browser = kit.openBrowser();
    await browser.register(`verified_${index}`);
    tokens.push(`Bearer ${browser.accessToken}`);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, kit] of kits.entries()) {
      const start = performance.now();
      for (let call = 0; call < CALLS; call += 1) await kit.services.gate.authenticate(tokens[index]);
      times[index]?.push(((performance.now() - start) * 1000) / CALLS);
    }
  }
  for (const kit of kits) await kit.stop();
  await store.remove();
  const [none = [], many = []] = times;
  return {
    what: `verification, ${revoked.toLocaleString('en')} revoked ids in memory`,
    unit: 'µs a call',
    ours: spreadOf(many),
    comparedWith: 'none',
    theirs: spreadOf(none),
    ratio: spreadOf(ratiosOf(many, none)),
  };
};

interface Sizes {
  few: number;
  many: number;
  active: number;
  rounds: number;
  revoked: number;
}

const FULL: Sizes = { few: 1_000, many: 1_000_000, active: 200, rounds: 7, revoked: 100_000 };
const QUICK: Sizes = { few: 1_000, many: 10_000, active: 20, rounds: 2, revoked: 10_000 };

export const growth: Scenario = {
  name: 'growth',
  title:
    'What a call costs in a store with many people, beside the same call in a store with few. In one process, one call after the other.',
  run: async ({ quick }) => {
    const sizes = quick ? QUICK : FULL;
    const rows: Row[] = [];
    for (const dialect of DIALECTS) rows.push(...(await compareTowns(dialect, sizes)));
    return [...rows, await verification(sizes)];
  },
};
