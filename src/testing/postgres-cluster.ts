import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, chownSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';

export interface Identity {
  uid: number;
  gid: number;
}

/** Files of a Postgres server that was never started, and how to start it. */
export interface PostgresCluster {
  postgres: string;
  data: string;
  /** Of the user `postgres`. */
  password: string;
  /** How its programs are run. */
  spawning: { uid?: number; gid?: number; cwd: string; env: NodeJS.ProcessEnv };
}

/** Postgres refuses to run as root. Root lends it an account that every system has; nothing is created. */
export const unprivileged = (): Identity | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  const [, , uid, gid] = (accounts.find((line) => line.startsWith('nobody:')) ?? '').split(':');
  if (!uid || !gid) throw new Error('Postgres does not run as root, and there is no account `nobody` to run it as.');
  return { uid: Number(uid), gid: Number(gid) };
};

/** A clone in root's home is closed to `nobody`: then the programs are copied to where they can be run. */
const reachable = (binaries: PostgresBinaries, home: string, identity: Identity | undefined): PostgresBinaries => {
  if (spawnSync(binaries.postgres, ['--version'], { ...identity }).status === 0) return binaries;
  const copy = join(home, 'postgres');
  cpSync(binaries.home, copy, { recursive: true, verbatimSymlinks: true });
  if (identity) execFileSync('chown', ['-R', `${identity.uid}:${identity.gid}`, copy]);
  return { home: copy, initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
};

/** Makes the files of a server in an empty folder, which is handed over to the account that runs it. */
export const createCluster = (folder: string, identity: Identity | undefined): PostgresCluster => {
  chmodSync(folder, 0o700);
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (identity) {
    chownSync(folder, identity.uid, identity.gid);
    chownSync(passwordFile, identity.uid, identity.gid);
  }
  const { initdb, postgres } = reachable(findPostgres(), folder, identity);
  const data = join(folder, 'data');
  const spawning = { ...identity, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  const account = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const flags = ['-D', data, ...account, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'];
  const { status, error, stderr } = spawnSync(initdb, flags, { ...spawning, encoding: 'utf8' });
  if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? stderr}`);
  return { postgres, data, password, spawning };
};

/** Copies the files of a server that was halted, into an empty folder. */
export const copyCluster = (cluster: PostgresCluster, folder: string): PostgresCluster => {
  const { uid, gid } = cluster.spawning;
  const data = join(folder, 'data');
  cpSync(cluster.data, data, { recursive: true, preserveTimestamps: true });
  if (uid !== undefined && gid !== undefined) execFileSync('chown', ['-R', `${uid}:${gid}`, folder]);
  chmodSync(folder, 0o700);
  chmodSync(data, 0o700);
  return { ...cluster, data, spawning: { ...cluster.spawning, cwd: folder } };
};

/** Makes a server that was halted a standby of another one, which it follows from its next start on. */
export const becomeStandby = ({ data, spawning: { uid, gid } }: PostgresCluster, primaryUrl: string): void => {
  const signal = join(data, 'standby.signal');
  writeFileSync(signal, '');
  if (uid !== undefined && gid !== undefined) chownSync(signal, uid, gid);
  // The last line of a setting counts.
  appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${primaryUrl}'\n`);
};
