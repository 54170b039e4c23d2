import type { z } from 'zod/v4';

/** The environment, or a part of it. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What is wrong with each variable, in the words of the person who set it. Never a value: some are secrets. */
export type Problems = Map<string, string[]>;

export type ValuesOf<TSchemas extends Record<string, z.ZodType>> = {
  [Name in keyof TSchemas]: z.output<TSchemas[Name]>;
};

/** Reads each variable by its schema. What is wrong has no value. */
export const readVariables = <TSchemas extends Record<string, z.ZodType>>(
  schemas: TSchemas,
  env: Env,
): { values: Partial<ValuesOf<TSchemas>>; problems: Problems } => {
  const problems: Problems = new Map();
  const values: Partial<ValuesOf<TSchemas>> = {};
  const read = <TName extends Extract<keyof TSchemas, string>>(name: TName, schema: TSchemas[TName]): void => {
    // `NAME=` in a file of variables means that it is not set.
    const text = env[name]?.trim();
    const parsed = schema.safeParse(text === '' ? undefined : text);
    if (parsed.success) values[name] = parsed.data;
    else {
      problems.set(
        name,
        parsed.error.issues.map(({ message }) => message),
      );
    }
  };
  for (const name in schemas) read(name, schemas[name]);
  return { values, problems };
};

/** One line a variable. */
export const describeProblems = (problems: ReadonlyMap<string, readonly string[]>): string[] =>
  [...problems].map(([name, messages]) => `${name} ${messages.join(', and ')}.`);
