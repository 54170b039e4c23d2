/** A JWT, whole or cut off after its header: `eyJ` is how base64url of `{"` begins (RFC 7515 section 3.1). */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g;

/** Takes whatever looks like a token out of a text, for a log. */
export const redactTokens = (text: string): string => text.replace(TOKEN, '[token]');
