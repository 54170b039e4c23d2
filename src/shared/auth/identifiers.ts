/**
 * The longest text that is looked at as an identifier, in UTF-16 units. NFKC takes a time that is quadratic in the
 * number of combining marks: seconds for what a body can hold.
 */
const IDENTIFIER_RAW_MAX = 1_024;

/**
 * NFKC-normalised and trimmed, in this order, since to normalise can bring white space about: the form in which an
 * identifier is checked, stored and shown. A text that is far too long is returned as it is, for the caller to check
 * its length.
 */
export const normalizeIdentifier = (text: string): string =>
  text.length > IDENTIFIER_RAW_MAX ? text : text.normalize('NFKC').trim();

/**
 * The normalised form without regard to case. Normalised again after lower-casing, which can itself produce a sequence
 * that composes.
 */
export const caseless = (text: string): string => normalizeIdentifier(normalizeIdentifier(text).toLowerCase());

/** Of what a URL takes for something else than a host, nothing. */
const HOST_BEYOND_ASCII = /^(?=.*[^\0-\x7f])[A-Za-z0-9.\-\u0080-\uffff]+$/;

/** A domain as the DNS has it, where it is one beyond ASCII. */
const asciiDomain = (domain: string): string => {
  if (!HOST_BEYOND_ASCII.test(domain)) return domain;
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return domain;
  }
};

/**
 * The one key by which an identifier is looked up, kept unique and rate limited: the normalised form without regard to
 * case, the domain of an address in its ASCII form. The key of a key is itself. A text that is far too long is
 * nobody's, and only loses its case.
 */
export const identifierKey = (text: string): string => {
  const normalized = normalizeIdentifier(text);
  const domainAt = normalized.lastIndexOf('@') + 1;
  if (domainAt === 0 || text.length > IDENTIFIER_RAW_MAX) return caseless(text);
  return caseless(normalized.slice(0, domainAt) + asciiDomain(normalized.slice(domainAt)));
};
