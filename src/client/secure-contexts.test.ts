import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

/**
 * What a page over plain http from another machine does not have:
 * https://developer.mozilla.org/docs/Web/Security/Secure_Contexts/features_restricted_to_secure_contexts
 */
const SECURE_ONLY =
  /\brandomUUID\b|\bcrypto\.subtle\b|\bnavigator\.(?:locks|clipboard|serviceWorker|credentials|storage|geolocation|mediaDevices|wakeLock)\b|\bcaches\.|\bcookieStore\b|\bPublicKeyCredential\b|\bNotification\b/;

/** Where its absence is looked at. */
const GUARDED = ['auth/browser/environment.ts'];

test('no code of a page relies on what it has over https alone', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test(?:-d)?\.tsx?$|(?:^|\/)testing\//.test(file),
  );
  expect(files.length).toBeGreaterThan(50);
  const withoutComments = (file: string): string =>
    readFileSync(resolve(import.meta.dirname, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect(files.filter((file) => SECURE_ONLY.test(withoutComments(file)))).toEqual(GUARDED);
});
