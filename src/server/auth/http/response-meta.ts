import type { ResponseMeta } from '@trpc/server/http';
import type { Host } from './host.ts';

/**
 * The status that an app chooses, if it does.
 * @throws TypeError when it is none that an answer can have.
 */
export const statusOfMeta = ({ status }: ResponseMeta): number | undefined => {
  if (status === undefined || (Number.isInteger(status) && status >= 200 && status < 600)) return status;
  throw new TypeError('responseMeta gave a status that is none.');
};

/** The headers that an app adds to an answer, as tRPC takes them: in a form of the standard, or the one before it. */
export const headersOfMeta = ({ headers: given }: ResponseMeta): Headers | undefined => {
  if (given === undefined || given instanceof Headers) return given;
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  return headers;
};

/**
 * Adds an app's headers to an answer. Cookies and `Vary` come beside ours; that an answer may be kept counts only where
 * nothing of one person can be in it.
 */
export const addMetaHeaders = <TExchange>(host: Host<TExchange>, exchange: TExchange, headers: Headers): void => {
  const isPersonal =
    host.header(exchange, 'authorization') !== undefined || host.setsCookies(exchange) || headers.has('set-cookie');
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || name === 'vary') host.appendHeader(exchange, name, value);
    else if (name !== 'cache-control' || !isPersonal) host.setHeader(exchange, name, value);
  }
};
