import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';

export interface PostgresOptions {
  /** Whether commits are synced to disk. Only a test of durability needs it. @default false */
  fsync?: boolean;
}

export interface PostgresServer {
  /** Of the superuser, to the database `postgres`. */
  url: string;
  /** Ends the server at once and removes its files. */
  stop(): Promise<void>;
}

interface Identity {
  uid: number;
  gid: number;
}

/** Postgres refuses to run as root. Root lends it an account that every system has; nothing is created. */
const unprivileged = (): Identity | undefined => {
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

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.');
  return address.port;
};

/**
 * Lives as long as its standard input stays open, which is as long as this process lives, however it ends: then it stops the
 * server and removes its files. $1 is the folder, the rest the server's command line.
 */
const KEEPER = `
folder=$1; shift
exec 3<&0
"$@" 3<&- & server=$!
{ while read -r _; do :; done; kill -QUIT $server; } <&3 2>/dev/null & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null
cd / && rm -rf "$folder"
exit $code
`;

/** Starts a Postgres of its own on a free port of loopback, with files of its own. */
export const startPostgres = async ({ fsync = false }: PostgresOptions = {}): Promise<PostgresServer> => {
  const identity = unprivileged();
  const folder = mkdtempSync(join(identity ? '/tmp' : tmpdir(), 'latchkey-postgres-'));
  try {
    return await startIn(folder, fsync, identity);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
};

const startIn = async (folder: string, fsync: boolean, identity: Identity | undefined): Promise<PostgresServer> => {
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
  const inFolder = { ...identity, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } };

  const initialised = spawnSync(
    initdb,
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C',
    ].concat('--no-sync', '--no-instructions'),
    { ...inFolder, encoding: 'utf8' },
  );
  if (initialised.status !== 0) throw new Error(`initdb failed: ${initialised.error?.message ?? initialised.stderr}`);

  const port = await freePort();
  const durable = fsync ? 'on' : 'off';
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port,
    max_connections: 300,
    fsync: durable,
    full_page_writes: durable,
    synchronous_commit: durable,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', folder, postgres, '-D', data, ...flags], {
    ...inFolder,
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true, // out of reach of the terminal's Ctrl-C, which would leave the files behind
  });

  let log = '';
  await new Promise<void>((resolve, reject) => {
    keeper.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = `${log}${text}`.slice(-10_000);
      if (log.includes('ready to accept connections')) resolve();
    });
    keeper.once('error', reject);
    keeper.once('exit', () => reject(new Error(`Postgres ended at its start: ${log}`)));
  });

  const ended = once(keeper, 'exit');
  const stop = async (): Promise<void> => {
    keeper.ref();
    keeper.stdin.end();
    await ended;
  };
  return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop };
};
