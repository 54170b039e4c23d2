import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import root from '../package.json' with { type: 'json' };
import { COMPILERS, type Compiler, compile, HALVES, type Half, RESOLUTIONS, type Resolution } from './consumers.ts';
import { readLanguages, readSnippets } from './guides.ts';
import { declaredWith, loadedWith } from './imports.ts';
import { type InstalledApp, installApp } from './installed-app.ts';
import { createManifest } from './manifest.ts';
import { publicNames } from './public-names.ts';

const run = promisify(execFile);

const BIN = resolve(import.meta.dirname, '../node_modules/.bin');
const SLOW = 240_000;
const ALL_TYPES = process.env.TYPES === 'all';

const manifest = createManifest();
const ENTRIES = Object.keys(root.exports).map((name) => name.replace('.', 'latchkey'));

let app: InstalledApp;
beforeAll(async () => {
  app = await installApp();
  cpSync(join(import.meta.dirname, 'app'), join(app.folder, 'src'), { recursive: true });
}, SLOW);
afterAll(() => app.remove());

/** The built file of an entry. */
const fileOf = (entry: string): string => {
  const found = manifest.exports[entry.replace('latchkey', '.')];
  if (found === undefined || typeof found === 'string') throw new Error(`There is no ${entry}.`);
  return join(app.installed, found.default);
};

const declarationsOf = (entry: string): string => fileOf(entry).replace(/\.js$/, '.d.ts');

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile());

test('publint finds nothing', async () => {
  await run(join(BIN, 'publint'), ['run', app.installed, '--strict', '--pack', 'false']);
});

test(
  'every entry has the types of what it is, for all who can import it',
  async () => {
    await run(join(BIN, 'attw'), ['--profile', 'esm-only', app.tarball]);
  },
  SLOW,
);

test('every public name is a decision', async () => {
  const table = ENTRIES.map((entry) => {
    const names = publicNames(declarationsOf(entry));
    return `${entry}\n${names.map((name) => `  ${name}\n`).join('')}`;
  });
  await expect(table.join('\n')).toMatchFileSnapshot('public-names.txt');
});

test('the package is code, types, maps and what a reader needs: no test, and nothing of the app around it', () => {
  const files = filesOf(app.installed);
  expect(files.filter((name) => !name.startsWith('lib/')).toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ]);
  const inner = files.filter((name) => name.startsWith('lib/'));
  expect(inner.filter((name) => !/^lib\/(?:server|client|shared)\/auth\/.*\.(?:js|js\.map|d\.ts)$/.test(name))).toEqual(
    [],
  );
  expect(inner.filter((name) => /\.(?:test|test-d|fixture)\./.test(name))).toEqual([]);
});

test('each file has its map, and each map its source', () => {
  const mapSchema = z.object({ sources: z.tuple([z.string()]), sourcesContent: z.tuple([z.string().min(1)]) });
  const code = filesOf(app.installed).filter((name) => name.endsWith('.js'));
  expect(code.length).toBeGreaterThan(100);
  for (const name of code) {
    const { sources } = mapSchema.parse(JSON.parse(readFileSync(join(app.installed, `${name}.map`), 'utf8')));
    expect(sources[0]).toMatch(/^[\w-]+\.tsx?$/);
  }
});

test('what holds React says that it is for the browser, in front of all else', () => {
  const folder = join(app.installed, 'lib/client/auth');
  const withReact = filesOf(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => /from ['"]react/.test(text));
  expect(withReact.length).toBeGreaterThan(0);
  for (const text of withReact) expect(text).toMatch(/^'use client';\n/);
});

describe('what is loaded', () => {
  /** What every server has, whatever it takes beside. */
  const SERVER = ['@trpc/server', 'cookie-parser', 'ipaddr.js', 'jsonwebtoken', 'kysely', 'node:', 'zod'];
  const PASSWORDS = [...SERVER, '@node-rs/argon2', '@zxcvbn-ts/language-common', 'p-limit'];
  const LOADS: Record<string, readonly string[]> = {
    'latchkey/server': SERVER,
    'latchkey/server/passwords': PASSWORDS,
    'latchkey/server/mail': SERVER,
    'latchkey/server/recovery': PASSWORDS,
    'latchkey/server/audit': SERVER,
    'latchkey/express': SERVER,
    'latchkey/node': [...SERVER, 'proxy-addr'],
    'latchkey/fetch': SERVER,
    'latchkey/sqlite': ['better-sqlite3', 'kysely', 'node:'],
    'latchkey/postgres': ['kysely', 'node:', 'pg', 'zod'],
    'latchkey/drizzle': ['drizzle-orm'],
    'latchkey/client': ['@trpc/client', '@trpc/server'],
    'latchkey/client/step-up': ['@trpc/client'],
    'latchkey/react': ['react'],
    'latchkey/react/step-up': ['@trpc/client', 'react'],
    'latchkey/command': ['@trpc/server', 'kysely', 'node:', 'zod'],
    'latchkey/shared': ['zod'],
    'latchkey/testing': ['@trpc/client', '@trpc/server', 'zod'],
  };

  test('by each entry is told here', () => {
    expect(Object.keys(LOADS).toSorted()).toEqual(ENTRIES.toSorted());
  });

  test.each(ENTRIES)('by %s is no more than it needs', (entry) => {
    const allowed = LOADS[entry] ?? [];
    expect(loadedWith(fileOf(entry)).packages.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('by the browser and by the kit is nothing of the server half, and of Node.js', () => {
    for (const entry of ENTRIES.filter((entry) => /^latchkey\/(?:client|react|shared|testing)\b/.test(entry))) {
      const { files, packages } = loadedWith(fileOf(entry));
      const ofServer = files.filter((path) => path.includes('/server/auth/'));
      expect([entry, ofServer, packages.includes('node:')]).toEqual([entry, [], false]);
    }
  });

  test('is installed: every package is a dependency or a peer, and each of those is loaded', () => {
    const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const loaded = new Set(ENTRIES.flatMap((entry) => loadedWith(fileOf(entry)).packages));
    expect([...loaded].filter((name) => name !== 'node:' && !installed.includes(name))).toEqual([]);
    // Loaded with the first mail.
    const later = ['nodemailer'];
    const code = filesOf(app.installed).filter((name) => name.endsWith('.js'));
    const text = code.map((name) => readFileSync(join(app.installed, name), 'utf8')).join('\n');
    for (const name of later) expect(text).toContain(`import('${name}')`);
    // Of these an app's code is given to us, or ours to it.
    const given = ['express', '@types/express', '@types/react', '@tanstack/react-query', 'eventsource'];
    expect(installed.filter((name) => !loaded.has(name)).toSorted()).toEqual([...given, ...later].toSorted());
  });
});

test('types that are installed apart are asked of those alone who use what they are of', () => {
  const apart = Object.keys(root.devDependencies).flatMap((name) => name.split('@types/')[1] ?? []);
  const asked = ENTRIES.map((entry) => {
    const declared = declaredWith(declarationsOf(entry));
    expect([entry, declared]).not.toEqual([entry, []]);
    return [entry, declared.filter((name) => apart.includes(name))] as const;
  });
  expect(Object.fromEntries(asked.filter(([, names]) => names.length > 0))).toEqual({
    'latchkey/express': ['express'],
    'latchkey/react': ['react'],
  });
});

test(
  'an app of CommonJS can require every entry',
  async () => {
    const script = `for (const name of ${JSON.stringify(ENTRIES)}) {
    if (Object.keys(require(name)).length === 0) throw new Error(name);
  }`;
    await run(process.execPath, [app.write('required.cjs', script)]);
  },
  SLOW,
);

test('the command is there', async () => {
  const command = join(app.installed, manifest.bin.latchkey);
  expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  const { stdout } = await run(process.execPath, [command, 'secrets'], { cwd: app.folder });
  expect(stdout).toMatch(/^ACCESS_TOKEN_SECRET=\S+\nREFRESH_TOKEN_SECRET=\S+\nDATA_SECRET=\S+\n$/);
  const migrated = await run(process.execPath, [command, '--database', 'made.sqlite', 'migrate'], { cwd: app.folder });
  expect(migrated.stdout).toBe('The tables are up to date.\n');
});

/** All of a half: an app of it, and whatever its entries export. */
const codeOf = (half: Half): string[] => [
  `src/${half === 'server' ? 'server.ts' : 'client.tsx'}`,
  `src/entries-of-the-${half}.ts`,
  ...(half === 'server' ? ['src/all-features.ts'] : []),
];

// With the newest TypeScript, which looks at our declarations as well: what does not hold in them would be `any`.
test(
  'an app of a few lines compiles with all of the server half, and serves',
  async () => {
    const files = ['src/run.ts', ...codeOf('server')];
    expect(await compile(app, { compiler: '7', resolution: 'nodenext', files })).toBe('');
    const secret = (): string => randomBytes(32).toString('base64url');
    const env = { PATH: process.env.PATH, ACCESS_TOKEN_SECRET: secret(), REFRESH_TOKEN_SECRET: secret() };
    const { stdout } = await run(process.execPath, ['out/src/run.js'], { cwd: app.folder, env });
    expect(JSON.parse(stdout)).toEqual({
      hello: { result: { data: { json: 'Hello' } } },
      registered: 200,
      cookies: 4,
      refused: 401,
    });
  },
  SLOW,
);

test(
  'an app that had members compiles with all of the client half, brings them in, signs one in over two tabs, and tests itself',
  async () => {
    const files = ['src/members.ts', ...codeOf('client')];
    expect(await compile(app, { compiler: '7', resolution: 'nodenext', files, hasDom: true })).toBe('');
    const { stdout } = await run(process.execPath, ['out/src/members.js'], { cwd: app.folder });
    expect(JSON.parse(stdout)).toEqual({
      anonymous: 'anonymous',
      id: 'member-1',
      plan: 'gold',
      planByKit: 'silver',
      refreshesByKit: 2,
      sessions: 1,
      // The server says so, unless the tab has seen it before.
      after: expect.stringMatching(/Your session was ended|Sign in to continue/),
      signedOut: 'anonymous',
    });
  },
  SLOW,
);

/** What the guides' code is compiled by: an app that is run as it is written. */
const UNBUILT = {
  noEmit: true,
  declaration: false,
  allowImportingTsExtensions: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/** Packages that only the guides speak of. */
const OTHERS = 'src/guides/others.d.ts';

/** Roles are registered for a whole program, so such code stands apart. */
const registersRoles = (text: string): boolean => text.includes('interface Register');

/** Writes code of README and of the guides into the app, and gives the paths of the files. */
const writeGuides = (isWanted: (text: string) => boolean): string[] =>
  readSnippets()
    .filter(({ text }) => isWanted(text))
    .map(({ file, text }) => {
      app.write(`src/guides/${file}`, text);
      return `src/guides/${file}`;
    });

test(
  'each block of code in README and in the guides compiles',
  async () => {
    const files = [OTHERS, ...writeGuides((text) => !registersRoles(text))];
    expect(files.length).toBeGreaterThan(60);
    const project = { compiler: '7', resolution: 'bundler', hasDom: true, options: UNBUILT } as const;
    expect(await compile(app, { ...project, files })).toBe('');
  },
  SLOW,
);

test('their code is TypeScript, or of a language that is not compiled', () => {
  expect(readLanguages()).toEqual(['', 'html', 'json', 'mermaid', 'prisma', 'sh', 'ts', 'tsx']);
});

/**
 * `npm run test:types` takes them all, `npm test` the oldest that tRPC takes, either resolution with its half. The
 * newest compiles the apps above.
 */
const MATRIX: readonly { compiler: Compiler; resolution: Resolution; half: Half }[] = ALL_TYPES
  ? COMPILERS.flatMap((compiler) =>
      RESOLUTIONS.flatMap((resolution) => HALVES.map((half) => ({ compiler, resolution, half }))),
    )
  : [
      { compiler: '5.7', resolution: 'nodenext', half: 'server' },
      { compiler: '5.7', resolution: 'bundler', half: 'client' },
    ];

test.each(MATRIX)(
  'TypeScript $compiler with $resolution takes the half of the $half, and emits its types',
  async ({ half, ...how }) => {
    const options = { skipLibCheck: how.compiler !== '7' };
    expect(await compile(app, { ...how, files: codeOf(half), hasDom: half === 'client', options })).toBe('');
  },
  SLOW,
);

test.each(ALL_TYPES ? COMPILERS : (['7'] as const))(
  'with TypeScript %s an app registers roles of its own, and a type that is wrong is seen',
  async (compiler) => {
    app.write('src/wrong.ts', "import { createAuth } from 'latchkey/server';\ncreateAuth({ features: [] });\n");
    const files = ['src/roles.ts', 'src/wrong.ts', OTHERS, ...writeGuides(registersRoles)];
    const options = { skipLibCheck: true, ...UNBUILT };
    const complaint = await compile(app, { compiler, resolution: 'nodenext', files, options });
    expect(complaint).toMatch(/^src\/wrong\.ts\(2,[^\n]*\n?$/);
  },
  SLOW,
);
