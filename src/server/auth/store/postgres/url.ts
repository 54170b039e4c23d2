import pg from 'pg';
import { codeOf } from '../error-code.ts';

const FORM =
  'must be the address of a Postgres database, as in postgres://user:password@host:5432/name; leave it out for SQLite';

const ENCODED =
  'must have characters like / ? # @ % in its user, password and name percent-encoded, as %2F %3F %23 %40 %25';

/**
 * What libpq takes as several hosts to try, in the authority or as a parameter. The driver would make one name of them.
 */
const SEVERAL_HOSTS = /^postgres(?:ql)?:\/\/(?:(?:[^/?#]*@)?(?![^/?#]*@)[^/?#]*,|[^?]*\?(?:.*&)?host=[^&]*(?:,|%2C))/i;

const SEVERAL =
  'must name one host: the driver does not try several. Give it a name or an address that always leads to the primary';

/**
 * What the driver makes of an address, without connecting: whatever read it a second time would sooner or later
 * disagree.
 */
const read = (url: string): pg.Client => new pg.Client({ connectionString: url });

/**
 * Whether an `@` or a `#` stands behind the host: then what is taken for the host is a part of a password that has a
 * `/`, a `?` or a `#` of its own, and would be looked up by name.
 */
const isCutShort = (url: string): boolean => {
  const [, behindHost = ''] = /^[a-z]+:\/\/[^/?#]*(.*)$/is.exec(url) ?? [];
  return /[@#]/.test(behindHost);
};

/** What is wrong with a DATABASE_URL, in words that hold no part of it. Whatever the driver can use is right. */
export const postgresUrlProblem = (url: string): string | undefined => {
  if (SEVERAL_HOSTS.test(url)) return SEVERAL;
  // The last two are sockets: `socket:/directory?db=name` and `/directory name`.
  if (!/^(?:postgres(?:ql)?:\/\/|socket:|\/)/i.test(url)) return FORM;
  if (isCutShort(url)) return ENCODED;
  try {
    return Number.isInteger(read(url).port) ? undefined : FORM;
  } catch (error) {
    return codeOf(error) === 'ERR_INVALID_URL' || error instanceof URIError
      ? ENCODED
      : 'must name files that can be read, and settings that the driver knows';
  }
};

export interface PostgresAddress {
  host: string;
  port: number;
  database: string | undefined;
}

/** Where a DATABASE_URL leads to: neither its user, nor anything of its password. */
export const postgresAddress = (url: string): PostgresAddress => {
  const { host, port, database } = read(url);
  return { host, port, database };
};

const SAYS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'the name of its host is not known',
  EAI_AGAIN: 'the name of its host cannot be looked up',
  ETIMEDOUT: 'its host is not reached',
  EHOSTUNREACH: 'its host is not reached',
  ENETUNREACH: 'its host is not reached',
  ENOENT: 'there is no socket in its directory',
  EACCES: 'its socket may not be used by this user',
  '28P01': 'it refuses the user or the password. Characters like / ? # @ % in them must be percent-encoded',
  '28000': 'it refuses the user',
  '3D000': 'it has no database of that name',
  '53300': 'it has no connection left',
  '57P03': 'it is starting or stopping',
};

/**
 * Why a database does not answer, in words that hold no part of its address: the driver's have the host in them, the
 * user or the name, or what it took for one of them.
 */
export const explainNoAnswer = (error: unknown, url: string): string => {
  // Of a host name with several addresses, each of which was tried.
  if (error instanceof AggregateError && error.errors.length > 0) return explainNoAnswer(error.errors[0], url);
  const code = codeOf(error);
  if (code !== undefined) return SAYS[code] === undefined ? `error ${code}` : `${SAYS[code]} (${code})`;
  const { user = '', password = '', host, database = '' } = read(url);
  const parts = [user, password ?? '', host, database].filter((part) => part !== '');
  const text = error instanceof Error ? error.message : String(error);
  return parts.reduce((cleaned, part) => cleaned.replaceAll(part, '…'), text);
};
