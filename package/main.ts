import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { buildPackage } from './build-package.ts';

/** `npm run build:package`: the folder, and in it the tarball that people install. */
const folder = resolve(import.meta.dirname, '../dist/package');
await buildPackage(folder);
execFileSync('npm', ['pack', '--silent'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
