import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { RefusedError } from './usage.ts';

/** Standard input and where to ask, which is not standard output: that may go to a file. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean };
  stderr: Writable;
}

/** Far more than a password may have. */
const MAX_LINE = 10_000;

/** The first line, as it is: neither trimmed nor cut. */
const readLine = async (stdin: Readable): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(Buffer.from(chunk), { stream: true });
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end).replace(/\r$/, '');
    if (text.length > MAX_LINE) throw new RefusedError('The line on standard input is too long for a password.');
  }
  return text;
};

/** Asks on a terminal, which shows nothing of what is typed. */
const ask = ({ stdin, stderr }: Terminal, question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    // Readline needs an output to be in charge of the terminal, and writes there what is typed: to nowhere.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const prompt = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
    stderr.write(question);
    prompt.once('line', (line) => {
      resolve(line);
      prompt.close();
    });
    prompt.once('SIGINT', () => prompt.close());
    prompt.once('close', () => {
      stderr.write('\n');
      reject(new RefusedError('Nothing was changed.'));
    });
  });

/**
 * A password that is to be chosen: typed twice on a terminal, or the first line of what is piped in.
 * @throws RefusedError
 */
export const readPassword = async (terminal: Terminal): Promise<string> => {
  if (terminal.stdin.isTTY !== true) {
    const line = await readLine(terminal.stdin);
    if (line === '') throw new RefusedError('There is no password on standard input.');
    return line;
  }
  const password = await ask(terminal, 'Password: ');
  if ((await ask(terminal, 'Once more: ')) !== password) throw new RefusedError('These are two different passwords.');
  return password;
};
