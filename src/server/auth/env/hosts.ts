import { isIP } from 'node:net';

/** Whether a browser on the same machine, and nobody else, reaches the host by this name, as it stands in a URL. */
export const isLoopbackHost = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** Whether who listens there is reached from this machine alone. Without an address it listens on all of them. */
export const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && isLoopbackHost(isIP(address) === 6 ? `[${address}]` : address);

/**
 * Whether browsers can be at such a host. The URL standard takes more, `*` among it, and so would
 * `https://*.example.com` mean nothing, silently.
 */
export const isHost = (hostname: string): boolean => /^[a-z0-9._-]+$/.test(hostname) || hostname.startsWith('[');
