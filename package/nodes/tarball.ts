import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildPackage } from '../build-package.ts';
import { FOLDER } from './runtimes.ts';

const run = promisify(execFile);

/** What people install, for all files of a run. */
export const TARBALL = join(FOLDER, 'latchkey.tgz');

export const setup = async (): Promise<void> => {
  const built = join(FOLDER, 'build');
  await buildPackage(built);
  const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts'], { cwd: built });
  await cp(join(built, stdout.trim()), TARBALL);
};
