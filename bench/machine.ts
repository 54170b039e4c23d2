import { cpus, totalmem, type } from 'node:os';
import manifest from '../package.json' with { type: 'json' };
import peers from './package.json' with { type: 'json' };

const GIB = 2 ** 30;

const OURS = ['@trpc/server', 'express', 'jsonwebtoken', 'better-sqlite3', 'pg', '@node-rs/argon2'] as const;

/** What the figures depend on: machine, versions, date and command, a line each. */
export const describeRun = (date: Date, command: string): string[] => {
  const [cpu] = cpus();
  const versions = [
    ...OURS.map((name) => `${name} ${manifest.dependencies[name]}`),
    ...Object.entries(peers.dependencies).map(([name, version]) => `${name} ${version}`),
  ];
  return [
    `Date: ${date.toISOString().slice(0, 10)}`,
    `Machine: ${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / GIB)} GiB, ${type()}`,
    `Node.js ${process.version}; ${[...new Set(versions)].join(', ')}`,
    `Command: \`${command}\``,
  ];
};
