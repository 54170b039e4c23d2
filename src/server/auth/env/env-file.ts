import { readFileSync } from 'node:fs';
import { codeOf } from '../store/error-code.ts';

/**
 * What is wrong with a file of variables, in words for its author, and never with a part of it: some are secrets.
 */
export type EnvFileResult =
  | { ok: true; variables: ReadonlyMap<string, string> }
  | { ok: false; line: number; problem: string };

const NAME = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=/;
const QUOTES = new Set(['"', "'", '`']);

/** Up to the end of the line nothing but space, or a comment. */
const isRest = (text: string): boolean => /^[ \t]*(?:#.*)?$/.test(text);

type Value = { value: string; lines: number } | { problem: string };

/** A value without quotes ends with its line, or before a `#` that has a space in front. */
const readBare = (text: string): Value => {
  const [value = ''] = text.split(/[ \t]#/, 1);
  if (/#/.test(value)) {
    return { problem: 'has a # in its value: some programs take it for a comment. Put the value in quotes' };
  }
  if (/^["'`]|["'`]$/.test(value.trim())) return { problem: 'has a quotation mark without its other one' };
  return { value: value.trim(), lines: 1 };
};

/** @param lines from the one on in which the quote opens; a quoted value may go over several, as a private key does. */
const readQuoted = (quote: string, text: string, lines: readonly string[]): Value => {
  const all = [text.slice(1), ...lines].join('\n');
  const end = all.indexOf(quote);
  if (end === -1) return { problem: 'opens a quotation mark that is never closed' };
  const value = all.slice(0, end);
  const [rest = ''] = all.slice(end + 1).split('\n', 1);
  if (!isRest(rest)) return { problem: 'goes on after the closing quotation mark' };
  return {
    value: quote === '"' ? value.replaceAll('\\n', '\n') : value,
    lines: value.split('\n').length,
  };
};

/**
 * Reads a file of variables, as `NAME=value`, one a line. Each is read as it stands there, or all of them are refused:
 * `process.loadEnvFile` of Node.js 20 loses the variable after a line of spaces and the first one after a byte order
 * mark, and cuts a value at its `#`, all without a word.
 */
export const parseEnvFile = (text: string): EnvFileResult => {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const variables = new Map<string, string>();
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? '';
    const refused = (problem: string): EnvFileResult => ({ ok: false, line: index + 1, problem });
    if (isRest(line)) {
      index += 1;
      continue;
    }
    const [start, name] = NAME.exec(line) ?? [];
    if (start === undefined || name === undefined) return refused('is not of the form NAME=value');
    if (variables.has(name)) return refused(`sets ${name} a second time`);
    const rest = line.slice(start.length);
    const [first = ''] = rest.trimStart();
    const read = QUOTES.has(first) ? readQuoted(first, rest.trimStart(), lines.slice(index + 1)) : readBare(rest);
    if ('problem' in read) return refused(read.problem);
    variables.set(name, read.value);
    index += read.lines;
  }
  return { ok: true, variables };
};

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // As the editors and shells of Windows write it where nobody asked for UTF-8.
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
};

/**
 * Adds the variables of a file to those of the environment, which win. A missing file is not an error.
 *
 * @returns what is wrong with the file, in one line; then nothing was added.
 */
export const loadEnvFile = (path: string, env: NodeJS.ProcessEnv): string | undefined => {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? undefined : `${path} cannot be read (${code ?? 'for an unknown reason'}).`;
  }
  const text = decode(bytes);
  if (text === undefined) return `${path} is not UTF-8 text: save it as UTF-8.`;
  const result = parseEnvFile(text);
  if (!result.ok) return `Line ${result.line} of ${path} ${result.problem}.`;
  for (const [name, value] of result.variables) env[name] ??= value;
  return undefined;
};
