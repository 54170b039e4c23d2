import { isLoopbackHost } from './hosts.ts';

/** Where mails are handed to. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (RFC 8314); else by STARTTLS. */
  isSecure: boolean;
  /** On this machine, where nobody is on the way. */
  isLoopback: boolean;
  auth: { user: string; pass: string } | undefined;
}

export interface Sender {
  name: string;
  address: string;
}

const SMTP_EXAMPLE = 'must be as in smtps://user:password@smtp.example.com or smtp://smtp.example.com:587';

/** RFC 8314: submission by TLS from the first byte, or by STARTTLS. */
const PORTS = { 'smtps:': 465, 'smtp:': 587 };

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const readSmtpUrl = (text: string): SmtpServer | string => {
  if (!URL.canParse(text)) return `${SMTP_EXAMPLE}; percent-encode what is special in user and password`;
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(text);
  if ((protocol !== 'smtp:' && protocol !== 'smtps:') || hostname === '') return SMTP_EXAMPLE;
  // Options of a library behind it would be such as to turn TLS off again.
  if ((pathname !== '' && pathname !== '/') || search !== '' || hash !== '') {
    return `${SMTP_EXAMPLE}, without a path or parameters`;
  }
  const [user, pass] = [decoded(username), decoded(password)];
  if (user === undefined || pass === undefined) return 'has a % in user or password that encodes nothing: write it %25';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? PORTS[protocol] : Number(port),
    isSecure: protocol === 'smtps:',
    isLoopback: isLoopbackHost(hostname),
    auth: user === '' ? undefined : { user, pass },
  };
};

/** What is wrong with it, without repeating it; undefined for one that can be used. */
export const smtpUrlProblem = (text: string): string | undefined => {
  const read = readSmtpUrl(text);
  return typeof read === 'string' ? read : undefined;
};

/** @throws TypeError with what is wrong, which never repeats the text: it may hold a password. */
export const smtpServerOf = (text: string): SmtpServer => {
  const read = readSmtpUrl(text);
  if (typeof read === 'string') throw new TypeError(`SMTP_URL (smtpUrl) ${read}.`);
  return read;
};

/** `Name <address>` or the address alone. A name in quotes is taken without them. */
const FROM = /^(?:"?(?<name>[^"<>\p{Cc}]*?)"?\s*<(?<bracketed>[^<>\s]+)>|(?<bare>[^<>\s]+))$/u;

/** On this machine too, whose name has no dot. */
const ADDRESS = /^[^\s"(),:;<>@[\]\\\p{C}]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/iu;

const readMailFrom = (text: string): Sender | undefined => {
  const { name = '', bracketed, bare } = FROM.exec(text.trim())?.groups ?? {};
  const address = bracketed ?? bare ?? '';
  return ADDRESS.test(address) ? { name: name.trim(), address } : undefined;
};

export const mailFromProblem = (text: string): string | undefined =>
  readMailFrom(text) === undefined ? 'must be an address, as in App <no-reply@app.example>' : undefined;

/** @throws TypeError when it is none. */
export const senderOf = (text: string): Sender => {
  const sender = readMailFrom(text);
  if (sender === undefined) throw new TypeError(`MAIL_FROM (mailFrom) ${mailFromProblem(text)}.`);
  return sender;
};
