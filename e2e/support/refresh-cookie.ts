import type { BrowserContext } from '@playwright/test';
import { cookieNames } from 'latchkey/shared';

/** The refresh cookie of a browser, undefined without one. Only tests can see it: script cannot. */
export const refreshCookie = async (context: BrowserContext, url: string): Promise<string | undefined> =>
  (await context.cookies(url)).find(({ name }) => name === cookieNames(new URL(url)).refresh)?.value;

/** Which generation of its session's refresh token a browser holds: every rotation adds one. */
export const generationOf = async (context: BrowserContext, url: string): Promise<number> => {
  const payload = (await refreshCookie(context, url))?.split('.')[1];
  if (payload === undefined) throw new Error('There is no refresh cookie.');
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if (typeof claims !== 'object' || claims === null || !('gen' in claims) || typeof claims.gen !== 'number') {
    throw new Error('The refresh cookie names no generation.');
  }
  return claims.gen;
};
