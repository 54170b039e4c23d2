import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromEnv } from 'latchkey/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { developmentSecrets } from './development-secrets.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test('are made once and kept for the owner alone, so that a restart signs nobody out', () => {
  const dataDir = join(parent, 'data');
  const made = developmentSecrets(dataDir);
  expect(developmentSecrets(dataDir)).toEqual(made);
  expect(statSync(join(dataDir, 'development-secrets.json')).mode & 0o777).toBe(0o600);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
});

test('are as strong as those of production, and not the same for two uses', () => {
  const { accessToken, refreshToken, data } = developmentSecrets('memory:');
  const env = { ACCESS_TOKEN_SECRET: accessToken, REFRESH_TOKEN_SECRET: refreshToken, DATA_SECRET: data };
  expect(() => fromEnv(env)).not.toThrow();
});

test('in memory: are new every time', () => {
  expect(developmentSecrets('memory:')).not.toEqual(developmentSecrets('memory:'));
});
