import ipaddr from 'ipaddr.js';

/** An IPv6 network as people are given it: one address in it means 2^64 of them. */
const IPV6_PREFIX_BYTES = 8;

/** What counts as one address: an IPv4 address, or an IPv6 /64. */
export const addressKey = (address: string): string => {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return Buffer.from(parsed.toByteArray().slice(0, IPV6_PREFIX_BYTES)).toString('hex');
};
