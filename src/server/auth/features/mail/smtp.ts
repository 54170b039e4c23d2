import { SECOND } from '../../clock.ts';
import type { Sender, SmtpServer } from '../../env/mail-variables.ts';
import { type Deliver, RecipientRefusedError } from './outgoing-mail.ts';
import { recipientOf } from './recipient.ts';

/** For each step. All of them together are held to the lease of the mail. */
const STEP_TIMEOUT_MS = 10 * SECOND;
const SILENCE_TIMEOUT_MS = 20 * SECOND;

const property = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

/**
 * Refused for good (RFC 5321 section 4.2.1), and for what it is: the recipient, or the mail itself. A 5xx to the steps
 * before is about us, as a wrong password or sender is, and passes when it is put right.
 */
const isRefusedForGood = (error: unknown): boolean => {
  const [code, command] = [property(error, 'responseCode'), property(error, 'command')];
  return typeof code === 'number' && code >= 500 && code < 600 && (command === 'RCPT TO' || command === 'DATA');
};

/** As in `451 4.7.1`: all of an answer that is about no mail in particular. */
const STATUS = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/;

/**
 * An answer of the server, in words of ours. Its own may quote what it was sent, a link and its token among it, and the
 * error goes to logs and to whatever collects errors, with all that hangs on it.
 */
const answerError = (error: unknown): unknown => {
  const [response, command, code] = [property(error, 'response'), property(error, 'command'), property(error, 'code')];
  if (typeof response !== 'string') return error;
  const [status = 'with an error'] = STATUS.exec(response) ?? [];
  const step = typeof command === 'string' ? command : 'it';
  return Object.assign(new Error(`The mail server answered ${status} to ${step}.`), { code });
};

const connect = async ({ host, port, isSecure, isLoopback, auth }: SmtpServer) => {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    host,
    port,
    secure: isSecure,
    // Anywhere else what is sent is a key to an account in clear text.
    requireTLS: !isSecure && !isLoopback,
    // Nobody is on the way there, and hardly any certificate names this machine.
    ...(isLoopback && { tls: { rejectUnauthorized: false } }),
    ...(auth !== undefined && { auth }),
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    dnsTimeout: STEP_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
};

export interface SmtpOptions {
  server: SmtpServer;
  sender: Sender;
  /** What the ids of mails end with: a host of the app's. */
  host: string;
}

/** Hands mails to an SMTP server, one connection each. nodemailer is loaded with the first of them. */
export const createSmtp = ({ server, sender, host }: SmtpOptions): Deliver => {
  let connected: ReturnType<typeof connect> | undefined;
  return async ({ id, kind, to, subject, text, html }, signal) => {
    // Never as a text, nor as an `envelope`: both are parsed, and may come to more than one recipient.
    const recipient = { name: '', address: recipientOf(to) };
    connected ??= connect(server);
    const transport = await connected.catch((error: unknown) => {
      connected = undefined;
      throw error;
    });
    try {
      await transport.sendMail({
        from: sender,
        to: recipient,
        subject,
        text,
        html,
        // The same at every try: mail programs show one of two with the same id.
        messageId: `<${id}@${host}>`,
        // RFC 3834: no vacation notice is sent back.
        headers: { 'X-Latchkey-Mail': kind, 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
    } catch (error) {
      const answer = answerError(error);
      if (isRefusedForGood(error))
        throw new RecipientRefusedError('The mail server refused the mail.', { cause: answer });
      throw answer;
    }
  };
};
