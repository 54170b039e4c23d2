import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { TRPCError } from '@trpc/server';
import type { Kysely, Migration } from 'kysely';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { createTestAuth } from '#testing/auth.ts';
import { runOnPostgres } from '#testing/run-on-postgres.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { WAY_BACK } from '../accounts/address-changes.ts';
import type { OnSignUp } from '../accounts/sign-up.ts';
import { DAY, systemClock } from '../clock.ts';
import { parseEnvFile } from '../env/env-file.ts';
import { fromEnv } from '../env/from-env.ts';
import type { AuditTables } from '../features/audit/audit-tables.ts';
import { postgres } from '../store/postgres/open.ts';
import { sqlite } from '../store/sqlite/open.ts';
import type { StatementListener } from '../store/statement-listener.ts';
import type { Store, TablesOf } from '../store/store.ts';
import type { AuthTables, Dialect } from '../store/tables.ts';
import { type CommandOptions, runCommand } from './run-command.ts';

const PASSWORD = 'correct horse battery staple';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const run = async (
  args: readonly string[],
  { env = {}, input = '', ...options }: CommandOptions & { env?: Record<string, string>; input?: string } = {},
) => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  stdin.end(input);
  const code = await runCommand(args, env, { stdin, stdout, stderr }, options);
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, out, err };
};

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('secrets are printed as lines that fromEnv takes, new ones each time', async () => {
  const { code, out, err } = await run(['secrets']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^(?:[A-Z_]+=[\w-]{64}\n){3}$/);
  const file = parseEnvFile(out);
  expect(() => fromEnv(file.ok ? Object.fromEntries(file.variables) : {})).not.toThrow();
  expect((await run(['secrets'])).out).not.toBe(out);
});

test('secrets that a file lacks are added to it, once', async () => {
  const path = join(newFolder(), '.env');
  expect(await run(['secrets', '--into', path])).toEqual({
    code: 0,
    out: `${path} has a new ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET and DATA_SECRET. Keep it out of version control.\n`,
    err: '',
  });
  const made = readFileSync(path, 'utf8');
  const file = parseEnvFile(made);
  expect(() => fromEnv(file.ok ? Object.fromEntries(file.variables) : {})).not.toThrow();
  expect(statSync(path).mode & 0o077).toBe(0);
  expect((await run(['secrets', '--into', path])).out).toBe(`${path} has its secrets.\n`);
  expect(readFileSync(path, 'utf8')).toBe(made);

  const own = 'PORT=80\nACCESS_TOKEN_PRIVATE_KEY=a pem';
  writeFileSync(path, own);
  expect((await run(['secrets', '--into', path])).out).toContain('has a new REFRESH_TOKEN_SECRET and DATA_SECRET.');
  expect(readFileSync(path, 'utf8')).toMatch(
    /^PORT=80\nACCESS_TOKEN_PRIVATE_KEY=a pem\nREFRESH_TOKEN_SECRET=[\w-]{64}\nDATA_SECRET=[\w-]{64}\n$/,
  );
});

test('two that add secrets to one file at once add them once', async () => {
  const folder = newFolder();
  const path = join(folder, '.env');
  const results = await Promise.all([run(['secrets', '--into', path]), run(['secrets', '--into', path])]);
  expect(results.map(({ out }) => out).toSorted()).toEqual([
    `${path} has a new ACCESS_TOKEN_SECRET and REFRESH_TOKEN_SECRET and DATA_SECRET. Keep it out of version control.\n`,
    `${path} has its secrets.\n`,
  ]);
  expect(parseEnvFile(readFileSync(path, 'utf8')).ok).toBe(true);
  expect(readdirSync(folder)).toEqual(['.env']);
});

test('a file that everybody could read is closed to them before there is a secret in it, and else kept as it is', async () => {
  const folder = newFolder();
  const modeAfter = async (name: string, mode: number, content = 'A=1\n'): Promise<string> => {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    expect((await run(['secrets', '--into', path])).code).toBe(0);
    return (statSync(path).mode & 0o777).toString(8);
  };
  expect(await modeAfter('open', 0o644)).toBe('640');
  expect(await modeAfter('group', 0o660)).toBe('660');
  expect(await modeAfter('own', 0o600)).toBe('600');
  const names = ['ACCESS_TOKEN_SECRET', 'REFRESH_TOKEN_SECRET', 'DATA_SECRET'];
  const complete = names.map((name, index) => `${name}=${`${index}`.repeat(64)}\n`).join('');
  expect(await modeAfter('unchanged', 0o644, complete)).toBe('644');
});

test('a command that is not told where the store is makes none', async () => {
  const folder = newFolder();
  const here = process.cwd();
  cleanUps.push(() => process.chdir(here));
  process.chdir(folder);
  for (const command of [['user', 'list'], ['migrate']]) {
    expect(await run(command)).toEqual({
      code: 1,
      out: '',
      err: 'Where is the store? Set DATABASE_URL or DATA_DIR, or begin with --database <file or url>.\n',
    });
  }
  expect(readdirSync(folder)).toEqual([]);
  expect((await run(['user', 'list'], { defaultDataDir: 'data' })).code).toBe(0);
  expect(readdirSync(folder)).toEqual(['data']);
});

test('a secret that a file names and leaves empty is none', async () => {
  const path = join(newFolder(), '.env');
  writeFileSync(path, 'ACCESS_TOKEN_SECRET=\n');
  expect(await run(['secrets', '--into', path])).toEqual({
    code: 1,
    out: '',
    err: `${path} has an empty ACCESS_TOKEN_SECRET: remove its line.\n`,
  });
});

test('a file that secrets cannot be added to is told of in a line', async () => {
  const folder = newFolder();
  const path = join(folder, '.env');
  writeFileSync(path, 'A=1\nnonsense\n');
  expect(await run(['secrets', '--into', path])).toEqual({
    code: 1,
    out: '',
    err: `Line 2 of ${path} is not of the form NAME=value.\n`,
  });
  expect(await run(['secrets', '--into', folder])).toEqual({
    code: 1,
    out: '',
    err: `${folder} cannot be read or written (EISDIR).\n`,
  });
});

test('the database of the command line wins over that of the variables, and may be a file', async () => {
  const folder = newFolder();
  const path = join(folder, 'app.sqlite');
  const env = { DATABASE_URL: 'postgres://nowhere.invalid/nothing', DATA_DIR: join(folder, 'data') };
  expect(await run(['--database', path, 'migrate'], { env })).toEqual({
    code: 0,
    out: 'The tables are up to date.\n',
    err: '',
  });
  expect((await run(['--database', path, 'user', 'create', 'ada', 'ada@mail.example'], { input: PASSWORD })).code).toBe(
    0,
  );
  expect((await run(['--database', path, 'user', 'list'])).out).toContain('ada@mail.example');
  expect(existsSync(env.DATA_DIR)).toBe(false);

  const store = sqlite(path);
  cleanUps.push(() => store.close());
  const kit = await createTestAuth({ database: store });
  cleanUps.push(() => kit.stop());
});

test('an app with other roles names them, on the command line or in a command of its own', async () => {
  const path = join(newFolder(), 'app.sqlite');
  const create = ['user', 'create', 'ada', 'ada@mail.example', 'editor'];
  const refused = await run(['--database', path, ...create], { input: PASSWORD });
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('There is no role "editor".')]);
  const created = await run(['--roles', 'member,editor', '--database', path, ...create], { input: PASSWORD });
  expect(created.out).toBe('ada has an account now, with editor for a role.\n');
  const wrong = await run(['--roles', 'Member', '--database', path, 'user', 'list']);
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('A role is named by lower-case letters')]);
});

describe('what an app makes for a new account', () => {
  const profiles: Migration = {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('profiles')
        .addColumn('user_id', 'text', (column) => column.primaryKey().references('auth_users.id'))
        .execute();
    },
  };
  const onSignUp: OnSignUp = async ({ user, transaction }) => {
    const tables = transaction.withTables<{ profiles: { user_id: string } }>();
    await tables.insertInto('profiles').values({ user_id: user.id }).execute();
  };
  const options: CommandOptions = {
    migrations: () => [{ name: 'app', migrations: { '001_profiles': profiles } }],
    onSignUp,
  };
  const create = ['user', 'create', 'ada', 'ada@mail.example'];

  test('is made with it by a command of the app’s own, and not for an account that is there', async () => {
    const path = join(newFolder(), 'app.sqlite');
    expect((await run(['--database', path, ...create], { ...options, input: PASSWORD })).code).toBe(0);
    expect((await run(['--database', path, ...create], { ...options, input: PASSWORD })).code).toBe(1);
    await run(['--database', path, 'user', 'grant', 'ada', 'admin'], options);
    const store = sqlite(path);
    cleanUps.push(() => store.close());
    const db = store.db.withTables<TablesOf<AuthTables> & { profiles: { user_id: string } }>();
    const users = await db.selectFrom('auth_users').select('id as user_id').execute();
    expect(users).toHaveLength(1);
    expect(await db.selectFrom('profiles').selectAll().execute()).toEqual(users);
  });

  test('keeps the account from being made when it fails', async () => {
    const path = join(newFolder(), 'app.sqlite');
    const refused = await run(['--database', path, ...create], {
      ...options,
      onSignUp: () => {
        throw new TRPCError({ code: 'FORBIDDEN', message: 'By invitation only.' });
      },
      input: PASSWORD,
    });
    expect(refused).toEqual({ code: 1, out: '', err: 'By invitation only.\n' });
    expect((await run(['--database', path, 'user', 'list'])).out).toBe('There are no accounts yet.\n');
  });
});

test('a password is not made of the app’s name, nor of its own words', async () => {
  const path = join(newFolder(), 'app.sqlite');
  const codeWith = async (input: string, command: readonly string[], options: Parameters<typeof run>[1] = {}) => {
    const { code, err } = await run(['--database', path, 'user', ...command], { ...options, input });
    expect(err.includes('too easy to guess')).toBe(code === 1);
    return code;
  };
  const create = ['create', 'ada', 'ada@mail.example'];
  const replace = ['set-password', 'ada'];
  const env = { APP_NAME: 'Notebook' };
  const refusedWords = ['marginalia'];
  expect(await codeWith('latchkey-2026', create)).toBe(1);
  expect(await codeWith('notebook-2026', create, { env })).toBe(1);
  expect(await codeWith('Marginalia-2026', create, { refusedWords })).toBe(1);
  expect(await codeWith('latchkey-2026', create, { env, refusedWords })).toBe(0);
  expect(await codeWith('latchkey-2027', replace)).toBe(1);
  expect(await codeWith('notebook-2026', replace, { env })).toBe(1);
  expect(await codeWith('Marginalia-2026', replace, { refusedWords })).toBe(1);
  expect(await codeWith('notebook-2026', replace)).toBe(0);
  const misnamed = { env: { APP_NAME: 'two\nlines' }, input: PASSWORD };
  expect(await run(['--database', path, 'user', 'set-password', 'ada'], misnamed)).toMatchObject({
    code: 1,
    err: 'APP_NAME must be a name of at most 100 characters, in one line.\n',
  });
});

test('an address that its last owner can still take back is nobody else’s', async () => {
  const path = join(newFolder(), 'app.sqlite');
  const create = (name: string, email: string) =>
    run(['--database', path, 'user', 'create', name, email], { input: PASSWORD });
  expect((await create('ada', 'ada@mail.example')).code).toBe(0);
  const store = sqlite(path);
  cleanUps.push(() => store.close());
  const kit = await createTestAuth({ database: store }, { clock: systemClock });
  cleanUps.push(() => kit.stop());
  const userId = (await kit.services.accounts.findByIdentifier('ada'))?.id ?? '';
  await kit.services.flows.begin({ kind: WAY_BACK, userId, address: 'old@mail.example', ttlMs: DAY });
  const refused = await create('eve', 'OLD@mail.example');
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('An account with this e-mail exists.')]);
  expect((await run(['--database', path, 'user', 'list'])).out).not.toContain('eve');
  expect((await create('eve', 'eve@mail.example')).code).toBe(0);
});

test('what is no command is answered with how it is used, and 2', async () => {
  const misused = [
    [],
    ['secret'],
    ['migrate', 'now'],
    ['secrets', 'please'],
    ['secrets', '--into'],
    ['secrets', '--into', '.env', 'now'],
    ['--database'],
    ['migrate', '--database', 'x'],
    ['migrate', '--features'],
    ['migrate', '--features', ''],
    ['migrate', '--features', 'mail', 'now'],
  ];
  for (const args of misused) {
    const { code, out, err } = await run(args);
    expect([args, code, out]).toEqual([args, 2, '']);
    expect(err).toMatch(/^[^\n]+\n\nUsage: latchkey <command>\n/);
  }
  expect((await run(['--help'])).out).toMatch(/^Usage: /);
});

test('what is out of reach is refused in one line', async () => {
  expect(await run(['--database', ':memory:', 'migrate'])).toMatchObject({ code: 1, err: /memory/ });
  const url = 'postgres://me:canary@127.0.0.1:1/x,y';
  expect(await run(['migrate'], { env: { DATABASE_URL: url, DATABASE_SCHEMA: 'pg_x' } })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^DATABASE_SCHEMA must be .*\n$/),
  });
});

describe('of the features that an app does not take no table is made', () => {
  const CORE = ['auth_flows', 'auth_limits', 'auth_removals', 'auth_sessions', 'auth_users'];
  const PASSWORDS = ['auth_passwords', 'auth_replaced_passwords'];
  const create = ['user', 'create', 'ada', 'ada@mail.example'];

  const locationOn = async (dialect: Dialect): Promise<{ env: Record<string, string>; store: Store }> => {
    if (dialect === 'sqlite') {
      const DATA_DIR = newFolder();
      return { env: { DATA_DIR }, store: sqlite(join(DATA_DIR, 'latchkey.sqlite')) };
    }
    const { url, drop } = await createTestDatabase();
    cleanUps.push(drop);
    return { env: { DATABASE_URL: url }, store: postgres(url) };
  };

  const startOn = async (dialect: Dialect) => {
    const { env, store } = await locationOn(dialect);
    cleanUps.push(() => store.close());
    return {
      store,
      tables: async (): Promise<string[]> => {
        const all = await store.db.introspection.getTables();
        const names = all.filter(({ schema = 'latchkey' }) => schema === 'latchkey').map(({ name }) => name);
        return names.filter((name) => !/_migration(?:_lock)?$/.test(name)).toSorted();
      },
      run: (args: readonly string[], options: CommandOptions & { input?: string } = {}) =>
        run(args, { env, ...options }),
    };
  };

  describe.each(['sqlite', 'postgres'] as const)('on %s', (dialect) => {
    test('by accounts: the core has its own, and passwords as soon as one is set', async () => {
      const { run, tables } = await startOn(dialect);
      expect((await run(['user', 'list'])).code).toBe(0);
      expect(await tables()).toEqual(CORE);
      expect((await run(create, { input: PASSWORD })).code).toBe(0);
      expect(await tables()).toEqual([...CORE, ...PASSWORDS].toSorted());
      expect((await run(['user', 'disable', 'ada'])).code).toBe(0);
      expect(await tables()).toEqual([...CORE, ...PASSWORDS].toSorted());
    });

    test('by migrating, where they are named; those that are there stay', async () => {
      const { run, tables } = await startOn(dialect);
      expect((await run(['migrate', '--features', 'none'])).code).toBe(0);
      expect(await tables()).toEqual(CORE);
      expect((await run(['migrate', '--features', 'recovery,mail'])).code).toBe(0);
      expect(await tables()).toEqual([...CORE, 'auth_mails'].toSorted());
      expect((await run(['migrate'], { features: ['passwords', 'recovery'] })).code).toBe(0);
      const taken = [...CORE, 'auth_mails', ...PASSWORDS].toSorted();
      expect(await tables()).toEqual(taken);
      expect((await run(['user', 'list'])).code).toBe(0);
      expect(await tables()).toEqual(taken);
      expect((await run(['migrate'])).code).toBe(0);
      expect(await tables()).toEqual([...taken, 'auth_events'].toSorted());
    });

    test('what the shell does is in the trail where the app keeps one', async () => {
      const { run, store, tables } = await startOn(dialect);
      const events = async () => {
        const rows = await store.db
          .withTables<AuditTables>()
          .selectFrom('auth_events')
          .select('event')
          .orderBy('id')
          .execute();
        return rows.map(({ event }) => event);
      };
      expect((await run(create, { input: PASSWORD })).code).toBe(0);
      expect(await tables()).not.toContain('auth_events');
      expect((await run(['user', 'disable', 'ada'], { features: ['audit'] })).code).toBe(0);
      expect((await run(['user', 'enable', 'ada'])).code).toBe(0);
      expect(await events()).toEqual(['account.disabled', 'account.enabled']);
    });
  });

  test('a feature that there is not is named', async () => {
    const { code, err } = await run(['migrate', '--features', 'mail,passkey'], { env: { DATA_DIR: newFolder() } });
    expect([code, err]).toEqual([2, expect.stringMatching(/^There is no feature "passkey"\.\n/)]);
  });
});

const DDL = /\b(?:create|alter|drop|grant|comment)\b/i;

describe('a start on tables that are up to date', () => {
  const statementsOfStart = async (open: (onStatement: StatementListener) => Store): Promise<string[]> => {
    const statements: string[] = [];
    const store = open(({ sql }) => statements.push(sql));
    cleanUps.push(() => store.close());
    const kit = await createTestAuth({ database: store });
    await kit.stop();
    return statements;
  };

  test('changes none of them on SQLite', async () => {
    const path = join(newFolder(), 'app.sqlite');
    await run(['--database', path, 'migrate']);
    const statements = await statementsOfStart((onStatement) => sqlite(path, { onStatement }));
    expect(statements.length).toBeGreaterThan(3);
    expect(statements.filter((sql) => DDL.test(sql))).toEqual([]);
  });

  test('changes none of them on Postgres, where the role of the app may not', async () => {
    const { url, drop } = await createTestDatabase();
    const app = new URL(url);
    app.username = `${app.pathname.slice(1)}_app`;
    app.password = 'app';
    cleanUps.push(() => runOnPostgres(inject('postgresUrl'), `drop role ${app.username}`), drop);
    expect((await run(['migrate'], { env: { DATABASE_URL: url } })).code).toBe(0);
    for (const statement of [
      `create role ${app.username} login password 'app'`,
      `grant usage on schema latchkey to ${app.username}`,
      `grant select, insert, update, delete on all tables in schema latchkey to ${app.username}`,
    ]) {
      await runOnPostgres(url, statement);
    }
    const statements = await statementsOfStart((onStatement) => postgres({ url: app.href, onStatement }));
    expect(statements.length).toBeGreaterThan(3);
    expect(statements.filter((sql) => DDL.test(sql))).toEqual([]);

    const kit = await createTestAuth({ database: postgres(app.href) });
    cleanUps.push(() => kit.stop());
    const browser = kit.openBrowser();
    await browser.register('ada');
    await browser.refresh();
    await browser.call().auth.logout();
  });
});
