import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { build } from 'vite';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import lock from '../../package-lock.json' with { type: 'json' };

/** As `npm run build` makes it, but in memory. */
const importsOfBuild = async (): Promise<string[]> => {
  const result = await build({ logLevel: 'silent', build: { ssr: true, write: false } });
  if (Array.isArray(result) || !('output' in result)) throw new Error('The build has another form than expected.');
  const chunks = result.output.flatMap((part) => (part.type === 'chunk' ? [part] : []));
  const own = new Set(chunks.map(({ fileName }) => fileName));
  return chunks
    .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
    .filter((name) => !own.has(name));
};

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const isBuiltIn = (specifier: string): boolean => specifier.startsWith('node:') || builtinModules.includes(specifier);

test('what the built server loads is all that `npm ci --omit=dev` installs', async () => {
  const loaded = new Set((await importsOfBuild()).filter((name) => !isBuiltIn(name)).map(packageOf));
  expect(Object.keys(manifest.dependencies).toSorted()).toEqual([...loaded].toSorted());
}, 120_000);

test('each script that would run at an installation is allowed or denied by name: npm refuses any other', () => {
  const withScript = Object.entries(lock.packages)
    .filter(([, entry]) => 'hasInstallScript' in entry)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(withScript).toContain('better-sqlite3');
  expect(Object.keys(manifest.allowScripts).toSorted()).toEqual([...new Set(withScript)].toSorted());
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^strict-allow-scripts=true$/m);
});

test('the lock file names no registry, so that an installation asks the one that is set', () => {
  const resolved = Object.values(lock.packages).flatMap((entry) => ('resolved' in entry ? [entry.resolved] : []));
  // Folders of ours: an older TypeScript each, which leaves `tsc` to the one that we use.
  expect(resolved.filter((where) => !where.startsWith('package/'))).toEqual([]);
});
