const isAddress = (host: string): boolean => /^\[|^[\d.]+$/.test(host);

/** A public suffix has at least one label, so what can be registered has at least these two. */
const domainOf = (host: string): string => host.split('.').slice(-2).join('.');

/**
 * Whether two hosts are certainly not of one site, so that no SameSite=Strict cookie travels between them. False where
 * only the list of public suffixes would tell, as of `a.co.uk` and `b.co.uk`.
 */
export const areOtherSites = (host: string, other: string): boolean =>
  host !== other && (isAddress(host) || isAddress(other) || domainOf(host) !== domainOf(other));
