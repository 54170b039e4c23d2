import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['src', 'lint', 'bench', 'package'];
const TEST = /\.test\.tsx?$/;
/** Of other packages; and those that another vitest runs: `npm run test:nodes`. */
const ELSEWHERE = /[\\/]node_modules[\\/]|^package[\\/]nodes[\\/]/;

/**
 * What a file does to its process that others in it would meet: a window in the globals, and modules that are replaced
 * or loaded anew.
 */
const NEEDS_OWN_PROCESS = /^\s*\/\/ @vitest-environment |\bvi\.(?:mock|doMock|resetModules)\(/m;

/**
 * The test files, by whether others may run before them in one process. Loading what is tested takes longer than most
 * of the tests, and such a process loads each module once.
 */
export const findTestFiles = (root: string): { alone: string[]; together: string[] } => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ).filter((file) => TEST.test(file) && !ELSEWHERE.test(file));
  const needs = (file: string): boolean => NEEDS_OWN_PROCESS.test(readFileSync(join(root, file), 'utf8'));
  return { alone: files.filter(needs), together: files.filter((file) => !needs(file)) };
};
