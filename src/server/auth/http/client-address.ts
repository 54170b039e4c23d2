import { isIP } from 'node:net';
import type { Request } from 'express';

/** A server that listens on both families sees IPv4 addresses so (RFC 4291 section 2.5.5.2). */
const IPV4_MAPPED = /^::ffff:(?=\d+\.)/i;

/**
 * An address as a proxy may write it beside its port (RFC 7239 section 6). One of IPv6 has brackets then, since its own
 * colons look the same.
 */
const WITH_PORT = /^(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/;

const withoutPort = (entry: string): string => {
  const [, bracketed, plain] = WITH_PORT.exec(entry.trim()) ?? [];
  return bracketed ?? plain ?? entry;
};

/**
 * The address of the client: that of the connection, or what a proxy says that `trust proxy` names. Null when that is
 * no address, so that nothing else gets into the log, the list of sessions or a limit's key.
 */
export const clientAddressOf = (req: Request): string | null => {
  const forwarded = req.headers['x-forwarded-for'];
  // In the header itself, since Express looks there for the proxies of a chain as well, and an address with a port is
  // none that it could trust.
  if (forwarded !== undefined)
    req.headers['x-forwarded-for'] = [forwarded].flat().join(',').split(',').map(withoutPort).join(',');
  const address = req.ip?.replace(IPV4_MAPPED, '') ?? '';
  return isIP(address) === 0 ? null : address;
};
