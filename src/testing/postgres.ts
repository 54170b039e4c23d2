import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { becomeStandby, copyCluster, createCluster, type PostgresCluster, unprivileged } from './postgres-cluster.ts';

export interface PostgresOptions {
  /** Whether commits are synced to disk. Only a test of durability needs it. @default false */
  fsync?: boolean;
  /** @default 300 */
  maxConnections?: number;
}

export interface PostgresServer {
  /** Of the superuser, to the database `postgres`. */
  url: string;
  /** Ends the server and keeps its files. `fast` says good-bye to its clients, `immediate` is a crash. */
  halt(how: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again after a halt, on the same port. */
  restart(): Promise<void>;
  /** Starts a streaming standby of it, with files of its own. The server is halted for as long as they are copied. */
  startStandby(): Promise<PostgresServer>;
  /** Starts it again after a halt, as a standby of another server that was its own. */
  restartAsStandbyOf(primary: PostgresServer): Promise<void>;
  /** Ends the server at once and removes its files. */
  stop(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.');
  return address.port;
};

/**
 * Does what its standard input says, for as long as that stays open, which is as long as this process lives, however it
 * ends: then it stops the server and removes its files. $1 is the folder, the rest the server's command line.
 */
const KEEPER = `
folder=$1; shift
signal() { kill -"$1" "$(head -n 1 "$folder/data/postmaster.pid")"; }
while read -r command; do
  case $command in
    start) ("$@" <&-; echo ended >&2) & ;;
    *) signal "$command" ;;
  esac
done
while kill -0 $!; do signal QUIT; sleep 0.1; done 2>/dev/null
cd / && rm -rf "$folder"
`;

const SIGNALS = { fast: 'INT', immediate: 'QUIT' } as const;

const makeFolder = (): string => mkdtempSync(join(unprivileged() ? '/tmp' : tmpdir(), 'latchkey-postgres-'));

/** Starts a server on the files that `create` puts into a new folder. */
const startIn = async (
  create: (folder: string) => PostgresCluster | Promise<PostgresCluster>,
  options: PostgresOptions,
): Promise<PostgresServer> => {
  const folder = makeFolder();
  try {
    const cluster = await create(folder);
    const { postgres, data, password, spawning } = cluster;
    const port = await freePort();
    const command = [postgres, '-D', data, ...flagsOf(port, options)];
    const keeper = keep(folder, command, spawning);
    await keeper.start();
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    return {
      url,
      halt: keeper.halt,
      restart: keeper.start,
      startStandby: () =>
        startIn(async (standbyFolder) => {
          await keeper.halt('fast');
          const standby = copyCluster(cluster, standbyFolder);
          await keeper.start();
          becomeStandby(standby, url);
          return standby;
        }, options),
      restartAsStandbyOf: async (primary) => {
        becomeStandby(cluster, primary.url);
        await keeper.start();
      },
      stop: keeper.stop,
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
};

/** Starts a Postgres of its own on a free port of loopback, with files of its own. */
export const startPostgres = (options: PostgresOptions = {}): Promise<PostgresServer> =>
  startIn((folder) => createCluster(folder, unprivileged()), options);

const flagsOf = (port: number, { fsync = false, maxConnections = 300 }: PostgresOptions): string[] => {
  const durable = fsync ? 'on' : 'off';
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port,
    max_connections: maxConnections,
    fsync: durable,
    full_page_writes: durable,
    synchronous_commit: durable,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
};

const keep = (folder: string, command: readonly string[], spawning: object) => {
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', folder, ...command], {
    ...spawning,
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true, // out of reach of the terminal's Ctrl-C, which would leave the files behind
  });
  const exited = once(keeper, 'exit');
  keeper.stderr.setEncoding('utf8');
  let fail = (_error: Error): void => {};
  keeper.on('error', (error) => fail(error));

  /** Sends a command, and waits until the server says one of these. */
  const tell = (line: string, { until, not }: { until: string; not?: string }): Promise<void> =>
    new Promise((resolve, reject) => {
      fail = reject;
      let said = '';
      const settle = (outcome: () => void): void => {
        keeper.stderr.off('data', listen);
        outcome();
      };
      const listen = (text: string): void => {
        said = `${said}${text}`.slice(-10_000);
        if (said.includes(until)) settle(resolve);
        else if (not !== undefined && said.includes(not)) {
          settle(() => reject(new Error(`Postgres ended at its start: ${said}`)));
        }
      };
      keeper.stderr.on('data', listen);
      keeper.stdin.write(`${line}\n`);
    });

  return {
    start: () => tell('start', { until: 'ready to accept', not: 'ended\n' }),
    halt: (how: keyof typeof SIGNALS) => tell(SIGNALS[how], { until: 'ended\n' }),
    stop: async (): Promise<void> => {
      keeper.stdin.end();
      await exited;
    },
  };
};
