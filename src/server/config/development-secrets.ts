import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { explainDataDir, isMemoryDataDir, makeDataDir } from '../database/index.ts';
import { codeOf } from '../error-code.ts';

const SECRETS_FILE = 'development-secrets.json';

const secretsSchema = z.object({
  accessToken: z.string().min(32),
  refreshToken: z.string().min(32),
  data: z.string().min(32),
});

export type DevelopmentSecrets = z.infer<typeof secretsSchema>;

/**
 * The secrets of a development server: made at the first start and kept in the data directory for its owner alone, so
 * that a restart signs nobody out. In memory they last as long as the process, like everything else there.
 */
export const developmentSecrets = (dataDir: string): DevelopmentSecrets => {
  const made = {
    accessToken: randomBytes(48).toString('base64url'),
    refreshToken: randomBytes(48).toString('base64url'),
    data: randomBytes(48).toString('base64url'),
  };
  if (isMemoryDataDir(dataDir)) return made;

  const path = join(dataDir, SECRETS_FILE);
  try {
    makeDataDir(dataDir);
    // `wx`: of two servers that start at once, the second takes the secrets of the first.
    writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    return made;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !existsSync(path)) {
      // A file that found no room is there, and empty: the next start would take it for the secrets.
      if (codeOf(error) === 'ENOSPC') rmSync(path, { force: true });
      throw explainDataDir(error, dataDir);
    }
  }
  return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
};
