import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

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
 * Takes the ports off the addresses that proxies have noted. In the header itself, since that is where the proxies of a
 * chain are looked for as well, and an address with a port is none that could be trusted.
 */
export const tidyForwarded = (req: IncomingMessage): void => {
  const forwarded = req.headers['x-forwarded-for'];
  if (forwarded === undefined) return;
  req.headers['x-forwarded-for'] = [forwarded].flat().join(',').split(',').map(withoutPort).join(',');
};

/**
 * The address of a client as the host has it, in the form in which all others are kept. Null when it is no address, so
 * that nothing else gets into the log, the list of sessions or a limit's key.
 */
export const clientAddress = (found: string | null | undefined): string | null => {
  const address = withoutPort(found ?? '').replace(IPV4_MAPPED, '');
  return isIP(address) === 0 ? null : address;
};
