/** A JWT, whole or cut off after its header: `eyJ` is how base64url of `{"` begins (RFC 7515 section 3.1). */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g;

/**
 * User and password in front of a host (RFC 3986 section 3.2.1): of a database, or in a path that somebody asked for.
 */
const USERINFO = /\/\/[^\s/@"\\]+@/g;

/** Takes whatever looks like a token, and the user and password of an address, out of a text, for a log. */
export const redactSecrets = (text: string): string =>
  text.replace(TOKEN, '[token]').replace(USERINFO, '//[userinfo]@');
