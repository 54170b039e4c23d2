import { domainToASCII } from 'node:url';
import { RecipientRefusedError } from './outgoing-mail.ts';

/**
 * What can stand in front of the @ without quotes (RFC 5322 section 3.2.3, and RFC 6532 beyond ASCII). Commas, quotes,
 * brackets and line ends would be read as further recipients by some program on the way.
 */
const LOCAL_PART = /^[^\s"(),:;<>@[\]\\\p{C}]{1,64}$/u;

/** RFC 1123 section 2.1, and the underscores that some hosts have. */
const DOMAIN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** As it is sent to: one address, whose domain is in its ASCII form. @throws RecipientRefusedError when it is none. */
export const recipientOf = (address: string): string => {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  // URLs allow commas, semicolons and quotes in a host as well.
  const ascii = /^[^\s/?#:@[\]]+$/.test(domain) ? domainToASCII(domain) : '';
  if (at < 1 || !DOMAIN.test(ascii) || !LOCAL_PART.test(local)) {
    throw new RecipientRefusedError('The address is none that a mail can be sent to.');
  }
  return `${local}@${ascii}`;
};
