import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadEnvFile, parseEnvFile } from './env-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-env-'));
const path = join(folder, '.env');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const variablesOf = (text: string): Record<string, string> => {
  const result = parseEnvFile(text);
  if (!result.ok) throw new Error(`line ${result.line} ${result.problem}`);
  return Object.fromEntries(result.variables);
};

test.each([
  ['a byte order mark', '\uFEFFA=1\nB=2\n'],
  ['a line of spaces before one', 'A=1\n   \nB=2'],
  ['a line of tabs before one', '\t\nA=1\n\t \t\nB=2'],
  ['the line ends of Windows', 'A=1\r\n\r\n  \r\nB=2\r\n'],
  ['the line ends of old Macs', 'A=1\rB=2\r'],
  ['comments, also behind values', '# one\nA=1 # two\n  # three\nB=2\t# four'],
  ['quotes of all kinds', `A="1"\nB='2'`],
  ['more of them, and comments behind', 'A=`1` # one\nB="2"# two'],
  ['export in front', 'export A=1\n\texport  B=2'],
  ['space around all of it', '  A = 1  \n\tB\t=\t2\t'],
])('a file with %s is read exactly', (_what, text) => {
  expect(variablesOf(text)).toEqual({ A: '1', B: '2' });
});

test.each([
  ['A=', ''],
  ['A=""', ''],
  ['A= # nothing', ''],
  ['A=postgres://me:a=b@host/name?sslmode=no-verify', 'postgres://me:a=b@host/name?sslmode=no-verify'],
  ['A="a # b"', 'a # b'],
  ["A='a\\nb'", 'a\\nb'],
  ['A="a\\nb"', 'a\nb'],
  ['A=a\\nb', 'a\\nb'],
  ['A="a\r\nb"', 'a\nb'],
  ["A=it's", "it's"],
  ['A=$HOME', '$HOME'],
  ['A="  a  "', '  a  '],
])('%j sets A to %j', (text, value) => {
  expect(variablesOf(text)).toEqual({ A: value });
});

test.each([
  ['no name', '=canary', 1],
  ['a colon', 'A=1\nDATABASE_URL: canary', 2],
  ['no sign between', 'DATABASE_URL canary', 1],
  ['a name that is none', '1A=canary', 1],
  ['a quotation mark that is never closed', 'A=1\n\nB="canary\nC=2', 3],
  ['one that is never opened', 'A=canary"', 1],
  ['something behind the closing one', 'A="canary" canary', 1],
  ['a quotation mark inside of quotes', 'A="can\\"ary"', 1],
  ['a # that may be a comment', 'A=canary#canary', 1],
  ['a # that begins its value', 'A=#canary', 1],
  ['a variable twice', 'A="1\n2"\nA=canary', 3],
])('a file with %s is refused by its line, and nothing of it is repeated', (_what, text, line) => {
  const result = parseEnvFile(text);
  expect(result).toMatchObject({ ok: false, line });
  expect(JSON.stringify(result)).not.toContain('canary');
  writeFileSync(path, text);
  const env = {};
  expect(loadEnvFile(path, env)).toMatch(new RegExp(`^Line ${line} of .*\\.$`));
  expect(env).toEqual({});
});

test('whatever stands around them, variables that are written in quotes are read back, or the file is refused', () => {
  const names = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,5}$/);
  const value = fc.string({ unit: 'grapheme' }).filter((text) => !/["\\\r]/.test(text));
  const between = fc.constantFrom('', '\n', '  \n', '\t\r\n', '# a comment\n', ' \r \n', '\r');
  const file = fc.dictionary(names, value, { noNullPrototype: true }).chain((variables) =>
    fc.array(between, { minLength: 20, maxLength: 20 }).map((gaps) => ({
      variables,
      text: Object.entries(variables)
        .map(([name, text], index) => `${gaps[index] ?? ''}${name}="${text}"\n`)
        .join(''),
    })),
  );
  fc.assert(
    fc.property(file, fc.constantFrom('', '\uFEFF'), ({ variables, text }, mark) => {
      expect(variablesOf(mark + text)).toEqual(variables);
    }),
  );
});

test('whatever a file holds, each line of it that names a variable is read or the file is refused', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('', '   ', '\t', '# a', 'A=1', 'export B=2', 'C="3"', "D='4", 'E=5#6', 'F', '\uFEFF'),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const result = parseEnvFile([...lines, 'LAST=1'].join('\n'));
      if (result.ok && !lines.some((text) => /["'`]/.test(text))) expect(result.variables.get('LAST')).toBe('1');
    }),
  );
});

test('variables that are set win, also empty ones', () => {
  writeFileSync(path, 'A=file\nB=file\nC=file\n');
  const env: NodeJS.ProcessEnv = { A: 'set', B: '' };
  expect(loadEnvFile(path, env)).toBeUndefined();
  expect(env).toEqual({ A: 'set', B: '', C: 'file' });
});

test('a file that is not there is none; one that is no text, or cannot be read, is said', () => {
  const env = {};
  expect(loadEnvFile(join(folder, 'none'), env)).toBeUndefined();
  expect(loadEnvFile(folder, env)).toBe(`${folder} cannot be read (EISDIR).`);
  for (const bytes of [
    Buffer.from('\uFEFFA=1\n', 'utf16le'),
    Buffer.from('A=1\n', 'utf16le'),
    Buffer.from([0x41, 0x3d, 0xff]),
  ]) {
    writeFileSync(path, bytes);
    expect(loadEnvFile(path, env)).toBe(`${path} is not UTF-8 text: save it as UTF-8.`);
  }
  expect(env).toEqual({});
});
