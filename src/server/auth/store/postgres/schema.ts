/** Leaves room for the name of a channel behind it, within the 63 bytes of a Postgres name. Needs no quotes. */
const NAME = /^[a-z_][a-z0-9_]{0,39}$/;

/** What is wrong with any other name. */
export const SCHEMA_NAME =
  'must be a name of up to 40 lower-case letters, digits and _, and not begin with a digit or pg_';

/** Whether a schema of our own can have this name. Names that begin with `pg_` are those of Postgres. */
export const isSchemaName = (text: string): boolean => NAME.test(text) && !text.startsWith('pg_');
