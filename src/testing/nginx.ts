import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installPackage, onPath, succeeds } from './system-program.ts';

const runs = (path: string): boolean => succeeds(path, ['-v'], { quiet: true });

/**
 * nginx: NGINX_PATH, else one of the system, else Debian's package, which is installed.
 *
 * @throws Error when none can be had: the tests with it are never skipped
 */
export const ensureNginx = (): string => {
  const { NGINX_PATH: given } = process.env;
  if (given !== undefined && given !== '') {
    if (!runs(given)) throw new Error(`NGINX_PATH names no nginx that runs: ${given}`);
    return given;
  }
  const find = (): string | undefined => onPath('nginx').find(runs);
  const found = find() ?? (installPackage('nginx-light') ? find() : undefined);
  if (found === undefined) throw new Error('This test needs nginx. Install it, or name it in NGINX_PATH.');
  return found;
};

const listens = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

export interface Nginx {
  /** What it complained of. */
  complaints(): string;
  stop(): Promise<void>;
}

/** @param http what stands in its `http` block, with a server on this port of loopback */
export const startNginx = async (http: string, port: number): Promise<Nginx> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-nginx-'));
  const errors = join(folder, 'error.log');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(folder, 'nginx.conf'),
    [
      'daemon off; master_process off;',
      `pid ${folder}/pid; error_log ${errors};`,
      'events {}',
      'http {',
      'access_log off;',
      ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
      http,
      '}',
    ].join('\n'),
  );
  const child: ChildProcess = spawn(ensureNginx(), ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', errors], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const complaints = (): string => readFileSync(errors, 'utf8');
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended at its start: ${complaints()}`);
    await delay(50);
  }
  return {
    complaints,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
