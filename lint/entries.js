import { readFileSync } from 'node:fs';

/** @type {unknown} */
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/**
 * @param {unknown} value
 * @param {string} key
 * @returns {unknown}
 */
const property = (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined);

/**
 * The entries of the package: the names under which everybody imports them, and their sources. The one table of them is
 * `exports` in package.json, by which the app around them finds them as well.
 *
 * @type {ReadonlyMap<string, string>}
 */
export const ENTRIES = new Map(
  Object.entries(property(manifest, 'exports') ?? {}).map(([name, source]) => [
    name.replace('./', 'latchkey/'),
    String(source).replace('./', ''),
  ]),
);
