import { chainDataOf } from '../errors.ts';
import { isRecord } from '../internal/record.ts';
import { areOtherSites } from './other-site.ts';
import { isGrant, isNextStep } from './reply.ts';

/** An answer of the server to a procedure of the engine's own, or its absence. */
export interface Exchange {
  path: string;
  data?: unknown;
  error?: unknown;
}

type Mistake = 'transformer' | 'mount' | 'procedure' | 'origin' | 'cors' | 'cookies' | 'site';

const GRANTING = ['auth.login', 'auth.register', 'auth.refresh'];

/** What the app did wrong, as far as an answer tells; null if nothing, or if a network may as well be to blame. */
const mistakeIn = ({ path, data, error }: Exchange, isOtherOrigin: boolean, isUnproven: boolean): Mistake | null => {
  if (error === undefined) return GRANTING.includes(path) && !isGrant(data) && !isNextStep(data) ? 'transformer' : null;
  const { code, reason } = chainDataOf(error);
  if (reason === 'origin_not_allowed') return 'origin';
  if (reason === 'refresh_token_missing' && isUnproven) return 'cookies';
  if (reason === undefined && code === 'NOT_FOUND') return 'procedure';
  if (code !== undefined) return null;

  const { meta, cause } = isRecord(error) ? error : {};
  const response = isRecord(meta) && isRecord(meta['response']) ? meta['response'] : null;
  if (cause instanceof SyntaxError) return 'mount'; // A page, where JSON belongs.
  if (response === null) return isOtherOrigin && cause instanceof TypeError ? 'cors' : null;
  if (response['status'] === 404) return 'mount';
  const body = isRecord(meta) ? meta['responseJSON'] : undefined;
  return isRecord(body) && ('error' in body || 'result' in body) ? 'transformer' : null;
};

const wordsFor = (mistake: Mistake, url: string, path: string, page: string): string => {
  switch (mistake) {
    case 'transformer':
      return `${path} was answered in a form that cannot be read. Client and router need the same transformer: createAuthClient({ url, transformer }).`;
    case 'mount':
      return `${url} is not where tRPC is mounted: ${path} was answered by something else. Check the url of createAuthClient and the path of the handler.`;
    case 'procedure':
      return `The router at ${url} has no ${path}. Does it hold ...auth.routers, and does url end where tRPC is mounted?`;
    case 'origin':
      return `The server takes no requests from ${page}. Open the app at its PUBLIC_URL, or add this origin to allowedOrigins.`;
    case 'cors':
      return `${url} gave no answer that this page may read. If the server runs, it does not allow the origin ${page}: add it to allowedOrigins.`;
    case 'cookies':
      return `The browser sent no session cookie to ${url}, though somebody signed in here. Page and API have to be of one site (app. and api. of one domain, both https), and cookies have to be allowed: SameSite=Strict cookies do not travel across sites.`;
    case 'site':
      return `${page} and ${url} are of two sites, between which browsers send no SameSite=Strict cookies: nobody stays signed in. Serve both from one origin, in development by a proxy (Vite's server.proxy), or from two hosts of one domain (app. and api.).`;
  }
};

/**
 * Says in the console what is the app's own mistake and not the network's, each once. In development alone. That page
 * and API are of two sites is said at once, before anybody signs in.
 */
export const createMistakes = (url: string, page: string, report: (line: string) => void) => {
  const said = new Set<Mistake>();
  const api = page === '' ? null : new URL(url, page);
  const isOtherOrigin = api !== null && api.origin !== page;
  /** Somebody has signed in, and no refresh has shown yet that the browser keeps what it was given. */
  let isUnproven = false;

  const tell = (mistake: Mistake, path: string): void => {
    if (said.has(mistake)) return;
    said.add(mistake);
    report(`Latchkey: ${wordsFor(mistake, url, path, page)}`);
  };

  if (api !== null && areOtherSites(api.hostname, new URL(page).hostname)) {
    said.add('cookies'); // It would be the same once more.
    tell('site', '');
  }

  return (exchange: Exchange): void => {
    const mistake = mistakeIn(exchange, isOtherOrigin, isUnproven);
    if (isGrant(exchange.data)) isUnproven = exchange.path !== 'auth.refresh';
    if (mistake !== null) tell(mistake, exchange.path);
  };
};
