import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readPassword } from './read-password.ts';

const terminalOf = (isTTY: boolean) => ({
  stdin: Object.assign(new PassThrough(), { isTTY }),
  stderr: new PassThrough(),
});

/** Types each line once the question that it answers is there. */
const typeOn = async (lines: readonly string[]) => {
  const { stdin, stderr } = terminalOf(true);
  let asked = 0;
  stderr.on('data', (shown: Buffer) => {
    if (!shown.toString().endsWith(': ')) return;
    stdin.write(lines[asked]);
    asked += 1;
  });
  const shown = text(stderr);
  const answer = await readPassword({ stdin, stderr }).catch((error: unknown) => error);
  stderr.end();
  return { answer, shown: await shown };
};

test('a terminal is asked twice, and shows nothing of what is typed', async () => {
  const { answer, shown } = await typeOn(['a secret\r', 'a secret\r']);
  expect(answer).toBe('a secret');
  expect(shown).toBe('Password: \nOnce more: \n');
});

test('two different answers, or none, change nothing', async () => {
  expect((await typeOn(['one\r', 'other\r'])).answer).toMatchObject({ message: 'These are two different passwords.' });
  expect((await typeOn(['half\u0003'])).answer).toMatchObject({ message: 'Nothing was changed.' });
});

test.each([
  ['a line', ['pass word\nnext\n'], 'pass word'],
  ['a line without an end', ['pass word'], 'pass word'],
  ['a line of another system', ['pass word\r\n'], 'pass word'],
  ['spaces and signs as they are', ['  ü 💂\u2028x \n'], '  ü 💂\u2028x '],
  ['characters that come in pieces', [Buffer.from([0xc3]), Buffer.from([0xbc, 0x0a])], 'ü'],
])('of what is piped in it takes the first line: %s', async (_what, chunks, password) => {
  const { stdin, stderr } = terminalOf(false);
  for (const chunk of chunks) stdin.write(chunk);
  stdin.end();
  expect(await readPassword({ stdin, stderr })).toBe(password);
});

test.each([
  ['nothing', ''],
  ['an empty line', '\n'],
  ['more than a password can be', 'x'.repeat(20_000)],
])('%s is refused', async (_what, input) => {
  const { stdin, stderr } = terminalOf(false);
  stdin.end(input);
  await expect(readPassword({ stdin, stderr })).rejects.toThrow(/standard input/);
});
