/** Far above the number of different statements that the app has; statements with `in (...)` lists vary by length. */
export const MAX_STATEMENTS = 256;

/** Only these are worth keeping: what changes the schema or a setting runs once. */
export const REPEATED = /^\s*(?:select|insert|update|delete|with)\b/i;
