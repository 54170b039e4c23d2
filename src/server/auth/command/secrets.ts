import { randomBytes } from 'node:crypto';
import { appendFile, chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseEnvFile } from '../env/env-file.ts';
import { codeOf } from '../store/error-code.ts';
import { RefusedError } from './usage.ts';

/** More than the 32 that HS256 asks for (RFC 7518 section 3.2). */
const BYTES = 48;

const ACCESS = 'ACCESS_TOKEN_SECRET';
const REFRESH = 'REFRESH_TOKEN_SECRET';
const DATA = 'DATA_SECRET';

const printNew = (names: readonly string[]): string =>
  names.map((name) => `${name}=${randomBytes(BYTES).toString('base64url')}`).join('\n');

/** New secrets, as lines of a file of variables. */
export const printSecrets = (): string => printNew([ACCESS, REFRESH, DATA]);

const readOrEmpty = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
};

/** Of a mode, what everybody on the machine may do. */
const OTHERS = 0o007;

/** Takes the file from everybody else before there is a secret in it. Its group may be the server's, and stays. */
const closeToOthers = async (path: string): Promise<void> => {
  try {
    const { mode } = await stat(path);
    if ((mode & OTHERS) !== 0) await chmod(path, mode & 0o770);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
};

/** What the file lacks, and how it ends. */
const lookInto = async (path: string): Promise<{ missing: string[]; separator: string }> => {
  const text = await readOrEmpty(path);
  const file = parseEnvFile(text);
  if (!file.ok) throw new RefusedError(`Line ${file.line} of ${path} ${file.problem}.`);
  const names = file.variables.get('ACCESS_TOKEN_PRIVATE_KEY') ? [REFRESH, DATA] : [ACCESS, REFRESH, DATA];
  const empty = names.find((name) => file.variables.get(name) === '');
  if (empty !== undefined) throw new RefusedError(`${path} has an empty ${empty}: remove its line.`);
  const missing = names.filter((name) => !file.variables.has(name));
  return { missing, separator: text === '' || text.endsWith('\n') ? '' : '\n' };
};

const ATTEMPTS = 100;
const BETWEEN_ATTEMPTS_MS = 20;

/** One at a time: two that add the same secrets leave a file that is refused from then on. */
const inTurn = async <TResult>(path: string, work: () => Promise<TResult>): Promise<TResult> => {
  const lock = `${path}.lock`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeFile(lock, '', { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (attempt === ATTEMPTS) {
        throw new RefusedError(`${lock} is there. If no other command is at work on ${path}, remove it.`);
      }
      await setTimeout(BETWEEN_ATTEMPTS_MS);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
};

/**
 * Adds the secrets that a file of variables lacks, so that an app can do so before each start. What is there stays.
 * @returns what was done, in a line.
 * @throws RefusedError when the file cannot be read or written.
 */
export const addSecrets = async (path: string): Promise<string> => {
  const unchanged = `${path} has its secrets.`;
  try {
    if ((await lookInto(path)).missing.length === 0) return unchanged;
    return await inTurn(path, async () => {
      const { missing, separator } = await lookInto(path);
      if (missing.length === 0) return unchanged;
      await closeToOthers(path);
      await appendFile(path, `${separator}${printNew(missing)}\n`, { mode: 0o600 });
      return `${path} has a new ${missing.join(' and ')}. Keep it out of version control.`;
    });
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new RefusedError(`${path} cannot be read or written (${code}).`, { cause: error });
  }
};
