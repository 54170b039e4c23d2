import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const asRoot = process.getuid?.() === 0;

export const succeeds = (command: string, args: readonly string[], input: { quiet: boolean }): boolean =>
  spawnSync(command, args, {
    stdio: input.quiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** Where programs for the system's administration are, which other users have not on their path. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

export const onPath = (name: string): string[] =>
  [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path));

const aptGet = (...args: string[]): boolean => {
  const command = ['apt-get', '-q', '-y', ...args];
  const [program = '', ...rest] = asRoot ? command : ['sudo', '-n', ...command];
  return succeeds(program, rest, { quiet: false });
};

/** Debian's package of that name, where there is a Debian. */
export const installPackage = (name: string): boolean =>
  aptGet('update') && aptGet('install', '--no-install-recommends', name);
