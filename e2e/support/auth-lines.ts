import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const IMPORTS = /^(?:import|export) [^;]*? from [^;]*;$/gms;

/** None that was installed or built. */
const SOURCES = /^(?!(?:.*\/)?(?:node_modules|dist|\.next)\/).*\.tsx?$/;

const AUTH_WORDS = /latchkey|auth|session|protected|sign ?(?:in|up|out)|fieldsOf|reasonOf|leaveUser/i;

const isCode = (line: string): boolean => line.trim() !== '' && !/^\s*(?:\/\/|\/?\*)/.test(line);

/**
 * How many lines an app has for auth: those of the files that are named after it, and elsewhere those that name it.
 * Neither imports nor comments are counted.
 */
export const countAuthLines = (folder: string): number => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => SOURCES.test(path));
  const counts = files.map((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').replaceAll(IMPORTS, '').split('\n').filter(isCode);
    return basename(file).startsWith('auth') ? lines.length : lines.filter((line) => AUTH_WORDS.test(line)).length;
  });
  return counts.reduce((sum, count) => sum + count, 0);
};
