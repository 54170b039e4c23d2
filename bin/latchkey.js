#!/usr/bin/env node
import { existsSync } from 'node:fs';

/*
 * The command of this app, `npm run user` among it: from the sources where tsx is there to read them, as in a clone;
 * else as `npm run build` left it, as in production, where only what runs is installed.
 */
const SOURCE = new URL('../src/server/command.ts', import.meta.url);
const BUILT = new URL('../dist/server/command.js', import.meta.url);

/** @returns {Promise<boolean>} whether TypeScript can be imported from now on */
const readTypeScript = async () => {
  try {
    const { register } = await import('tsx/esm/api');
    register();
    return true;
  } catch {
    return false; // It is a dependency for development.
  }
};

if (existsSync(SOURCE) && (await readTypeScript())) await import(SOURCE.href);
else if (existsSync(BUILT)) {
  process.setSourceMapsEnabled(true);
  await import(BUILT.href);
} else {
  process.stderr.write('This command is not built yet: run npm run build first.\n');
  process.exitCode = 1;
}
