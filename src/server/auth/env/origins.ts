import { isHost } from './hosts.ts';

const parse = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && isHost(url.hostname) ? url : undefined;
};

/** The origin of the address that people open; undefined for one that is none, or that says more. */
export const publicOriginOf = (text: string): string | undefined => {
  const url = parse(text);
  const isBare = url?.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  return isBare ? url.origin : undefined;
};

/** What is wrong with one that has no such origin. */
export const PUBLIC_URL_FORM = 'must be the address that people open, as in https://app.example.com, without a path';

/** Whether all are origins as browsers send them: compared exactly, any other would match nothing. */
export const areOrigins = (texts: readonly string[]): boolean => texts.every((text) => parse(text)?.origin === text);

/** How each of them has to be. */
export const ORIGIN_FORM = 'each exactly as in https://app.example.com: no path, no slash at the end, no *';

/**
 * What is wrong with origins beside the app's own. Over http anybody on the network path could be such a page, and call
 * with the person's credentials.
 */
export const mixedOriginsProblem = (
  publicOrigin: string,
  origins: readonly string[],
  nameOfPublicUrl: string,
): string | undefined =>
  publicOrigin.startsWith('https:') && origins.some((origin) => origin.startsWith('http:'))
    ? `must have https origins alone, since ${nameOfPublicUrl} is https`
    : undefined;
