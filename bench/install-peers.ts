import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const LOCK = at('package-lock.json');
const INSTALLED_LOCK = at('node_modules/installed-lock.json');

/** Installs what is compared with, which is no part of the main install, unless it is there by the same lock file. */
export const installPeers = (): void => {
  if (existsSync(INSTALLED_LOCK) && readFileSync(INSTALLED_LOCK, 'utf8') === readFileSync(LOCK, 'utf8')) return;
  process.stderr.write('Installing the peers of bench/package.json …\n');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: at('.'), stdio: ['ignore', 2, 2] });
  copyFileSync(LOCK, INSTALLED_LOCK);
};
