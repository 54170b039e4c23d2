import { randomBytes } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { parseEnvFile } from '../env/env-file.ts';
import { codeOf } from '../store/error-code.ts';
import { RefusedError } from './usage.ts';

/** More than the 32 that HS256 asks for (RFC 7518 section 3.2). */
const BYTES = 48;

const ACCESS = 'ACCESS_TOKEN_SECRET';
const REFRESH = 'REFRESH_TOKEN_SECRET';

const printNew = (names: readonly string[]): string =>
  names.map((name) => `${name}=${randomBytes(BYTES).toString('base64url')}`).join('\n');

/** New secrets, as lines of a file of variables. */
export const printSecrets = (): string => printNew([ACCESS, REFRESH]);

const readOrEmpty = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
};

/**
 * Adds the secrets that a file of variables lacks, so that an app can do so before each start. What is there stays.
 * @returns what was done, in a line.
 * @throws RefusedError when the file cannot be read or written.
 */
export const addSecrets = async (path: string): Promise<string> => {
  try {
    const text = await readOrEmpty(path);
    const file = parseEnvFile(text);
    if (!file.ok) throw new RefusedError(`Line ${file.line} of ${path} ${file.problem}.`);
    const has = (name: string): boolean => file.variables.has(name);
    const missing = [has('ACCESS_TOKEN_PRIVATE_KEY') ? [] : ACCESS, REFRESH].flat().filter((name) => !has(name));
    if (missing.length === 0) return `${path} has its secrets.`;
    const separator = text === '' || text.endsWith('\n') ? '' : '\n';
    await appendFile(path, `${separator}${printNew(missing)}\n`, { mode: 0o600 });
    return `${path} has a new ${missing.join(' and ')}. Keep it out of version control.`;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new RefusedError(`${path} cannot be read or written (${code}).`, { cause: error });
  }
};
