/** Who may call from where. */
export interface OriginPolicy {
  /** The origin of `PUBLIC_URL`. */
  own: string;
  allowed: ReadonlySet<string>;
}

/** Header values as Node.js gives them: several of one name are joined by commas, and so equal nothing here. */
export interface OriginHeaders {
  origin: string | undefined;
  secFetchSite: string | undefined;
  /** `x-latchkey`, which no form and no plain cross-site request can send. */
  custom: string | undefined;
}

/**
 * Whether a request that may change something comes from where it should (cross-site request forgery, ASVS 3.5.1).
 * Fetch metadata decides where the browser sends it, since no script can forge it; then `Origin`; and a client that
 * sends neither is no browser.
 */
export const isOriginAllowed = (
  { own, allowed }: OriginPolicy,
  { origin, secFetchSite, custom }: OriginHeaders,
): boolean => {
  const isListed = origin !== undefined && allowed.has(origin);
  const isOwn = origin === own;

  if (secFetchSite === 'same-origin') return origin === undefined || isOwn || isListed;
  if (secFetchSite === 'same-site' || secFetchSite === 'cross-site') return isListed;
  if (secFetchSite !== undefined) return false;
  if (origin !== undefined) return isOwn || isListed;
  return custom === '1';
};
