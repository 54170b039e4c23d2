import root from '../package.json' with { type: 'json' };

/** Where the sources of a build go, below the package. */
export const LIB = 'lib';

/** What an app has anyway, or takes for what it uses of the package. Ranges, so that nobody is held back by us. */
const PEERS = {
  '@trpc/server': '>=11.15.0 <12',
  // The modules of 3.25.0 do not find each other.
  zod: '^3.25.1 || ^4.0.0',
} as const;

/** Loaded by the entry that needs it alone. Those that no entry's types are made of have a lower bound only. */
const OPTIONAL_PEERS = {
  '@trpc/client': '>=11.15.0 <12',
  react: '>=18.0.0 <20',
  express: '^4.21.0 || ^5.0.0',
  '@types/react': '>=18',
  '@types/express': '>=4.17',
  '@node-rs/argon2': '>=2.0.0',
  '@tanstack/react-query': '>=5.0.0',
  '@zxcvbn-ts/language-common': '>=4.1.2',
  'better-sqlite3': '>=11.0.0',
  'drizzle-orm': '>=0.36.0',
  eventsource: '>=3.0.0',
  // Before 7.0.7 it may read two recipients out of one address.
  nodemailer: '>=7.0.7',
  pg: '>=8.11.0',
} as const;

/**
 * Loaded by what every app has; or small enough that nobody should have to install it: `p-limit` comes with passwords,
 * `proxy-addr` with `latchkey/node`.
 */
const DEPENDENCIES = ['cookie-parser', 'ipaddr.js', 'jsonwebtoken', 'kysely', 'p-limit', 'proxy-addr'] as const;

const compatible = (name: (typeof DEPENDENCIES)[number]): string => {
  const { dependencies, devDependencies } = root;
  const version = Object.entries({ ...dependencies, ...devDependencies }).find(([known]) => known === name)?.[1];
  if (version === undefined) throw new Error(`package.json does not have ${name}.`);
  return `^${version}`;
};

/** What `npx latchkey` runs. */
export const COMMAND = 'src/server/auth/command/main.ts';

/** Where a source of `src` is in the package, by the extension that it has there. */
const built = (source: string, extension: '.js' | '.d.ts'): string =>
  source.replace(/^(?:\.\/)?src\//, `./${LIB}/`).replace(/\.tsx?$/, extension);

export interface Manifest {
  version: string;
  bin: { latchkey: string };
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  [other: string]: unknown;
}

/** The package.json of what people install: entries, version and engines are those of the repository. */
export const createManifest = (): Manifest => ({
  name: root.name,
  version: root.version,
  description: 'Session auth for TypeScript apps on tRPC and React.',
  license: root.license,
  keywords: ['auth', 'authentication', 'session', 'trpc', 'react', 'express', 'refresh-token'],
  type: 'module',
  sideEffects: false,
  engines: root.engines,
  bin: { latchkey: built(COMMAND, '.js') },
  exports: {
    ...Object.fromEntries(
      Object.entries(root.exports).map(([entry, source]) => [
        entry,
        { types: built(source, '.d.ts'), default: built(source, '.js') },
      ]),
    ),
    './package.json': './package.json',
  },
  dependencies: Object.fromEntries(DEPENDENCIES.map((name) => [name, compatible(name)])),
  peerDependencies: { ...PEERS, ...OPTIONAL_PEERS },
  peerDependenciesMeta: Object.fromEntries(Object.keys(OPTIONAL_PEERS).map((name) => [name, { optional: true }])),
});
