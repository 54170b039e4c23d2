import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail that the server has said yes to. */
export interface ReceivedMail {
  /** `X-Latchkey-Mail`. */
  kind: string;
  /** Whom it was handed over for, each by itself. */
  recipients: string[];
  messageId: string;
  subject: string;
  text: string;
  html: string;
  /** The link's token, where it has one. */
  token: string | undefined;
  parsed: ParsedMail;
}

/**
 * What it does with the next mails: takes them, never answers, takes them and says so once it is told to take again,
 * answers with a code to the recipient or to the data, or takes them and is gone before it says so. `echo` answers with
 * what it was sent, as some do.
 */
export type Behaviour = 'take' | 'hang' | 'hold' | 'cut' | { code: number; at: 'recipient' | 'data'; echo?: boolean };

export interface TestSmtpServer {
  url: string;
  port: number;
  /** In the order in which they came. */
  readonly mails: ReceivedMail[];
  /** Those that it has refused once it had read them. */
  readonly refused: ReceivedMail[];
  /** Tries so far, whatever became of them. */
  attempts(): number;
  behave(how: Behaviour): void;
  /** Settles when so many have come. */
  received(count: number): Promise<ReceivedMail[]>;
  stop(): Promise<void>;
}

const refusalOf = (code: number, words = 'Refused by the test.'): Error =>
  Object.assign(new Error(words), { responseCode: code });

const textOf = (header: unknown): string => (typeof header === 'string' ? header : '');

const linkIn = (text: string): URL | undefined => {
  const [url] = /https?:\/\/\S+#token=\S+/.exec(text) ?? [];
  return url === undefined ? undefined : new URL(url);
};

/** A real SMTP server on this machine, whose mails are parsed as a mail program parses them. */
export const startSmtpServer = async (options: { port?: number } = {}): Promise<TestSmtpServer> => {
  let behaviour: Behaviour = 'take';
  let attempts = 0;
  const mails: ReceivedMail[] = [];
  const refused: ReceivedMail[] = [];
  const waiting = new Set<() => void>();
  const held: (() => void)[] = [];

  const cutOff = (): void => {
    for (const connection of server.connections) connection.close();
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo: (_address, _session, callback) => {
      attempts += 1;
      const how = behaviour;
      if (how === 'hang') return;
      if (typeof how === 'object' && how.at === 'recipient') callback(refusalOf(how.code));
      else callback();
    },
    onData: (stream, session, callback) => {
      const how = behaviour;
      simpleParser(stream)
        .then((parsed) => {
          const text = parsed.text ?? '';
          const mail: ReceivedMail = {
            kind: textOf(parsed.headers.get('x-latchkey-mail')),
            recipients: session.envelope.rcptTo.map(({ address }) => address),
            messageId: parsed.messageId ?? '',
            subject: parsed.subject ?? '',
            text,
            html: typeof parsed.html === 'string' ? parsed.html : '',
            token: new URLSearchParams(linkIn(text)?.hash.slice(1)).get('token') ?? undefined,
            parsed,
          };
          if (typeof how === 'object') {
            refused.push(mail);
            // An answer is one line.
            callback(refusalOf(how.code, how.echo === true ? text.replaceAll(/\s+/g, ' ') : undefined));
            return;
          }
          mails.push(mail);
          for (const look of waiting) look();
          if (how === 'cut') cutOff();
          else if (how === 'hold') held.push(callback);
          else callback();
        })
        .catch(callback);
    },
  });
  // A client that goes in the middle is no error of the test's.
  server.on('error', () => {});
  const listener = server.listen(options.port ?? 0, '127.0.0.1');
  await once(listener, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = listener.address() as AddressInfo;

  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    mails,
    refused,
    attempts: () => attempts,
    behave: (how) => {
      behaviour = how;
      if (how === 'take') for (const release of held.splice(0)) release();
    },
    received: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (mails.length < count) return;
          waiting.delete(look);
          resolve([...mails]);
        };
        waiting.add(look);
        look();
      }),
    stop: () =>
      new Promise((resolve) => {
        cutOff();
        server.close(() => resolve());
      }),
  };
};
