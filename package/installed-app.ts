import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildPackage } from './build-package.ts';

const run = promisify(execFile);

const PACKAGES = resolve(import.meta.dirname, '../node_modules');

export interface InstalledApp {
  /** An app's folder, with the package among its modules as people get it, and all that we have beside it. */
  folder: string;
  /** Where the package is. */
  installed: string;
  /** What `npm pack` made. */
  tarball: string;
  /** Writes a file of the app, and gives its path. */
  write(name: string, text: string): string;
  remove(): void;
}

/** The types of what we are made of, which an app has no reason to install. */
const OUR_TYPES = ['better-sqlite3', 'compression', 'cookie-parser', 'jsonwebtoken', 'pg', 'proxy-addr'];

/** An app has the packages that we have, and the types of what its own code speaks of. */
const linkPackages = (modules: string): void => {
  const link = (name: string): void => {
    const path = join(modules, name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(PACKAGES, name), path);
  };
  for (const name of readdirSync(PACKAGES).filter((name) => !name.startsWith('.') && name !== 'latchkey')) {
    if (!name.startsWith('@')) link(name);
    else {
      const inner = readdirSync(join(PACKAGES, name));
      for (const part of inner) if (name !== '@types' || !OUR_TYPES.includes(part)) link(`${name}/${part}`);
    }
  }
};

/** Builds the package, packs it, and installs it in an app that knows nothing else of us. */
export const installApp = async (): Promise<InstalledApp> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-app-'));
  const [built, modules] = [join(folder, 'build'), join(folder, 'node_modules')];
  await buildPackage(built);
  mkdirSync(modules);
  linkPackages(modules);
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: built,
  });
  const [, name = ''] = /"filename": "([^"]+)"/.exec(stdout) ?? [];
  const [tarball, installed] = [join(folder, name), join(modules, 'latchkey')];
  mkdirSync(installed);
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  rmSync(built, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  return {
    folder,
    installed,
    tarball,
    write: (file, text) => {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
