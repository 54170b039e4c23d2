import type { FieldErrors } from '../../../shared/auth/index.ts';

/** One thing that a validator found, as zod (3, 4 and mini), valibot and whatever follows Standard Schema say it. */
interface Issue {
  message: string;
  /** Keys, or segments that hold one (https://standardschema.dev). */
  path?: readonly unknown[] | null;
}

const isIssue = (value: unknown): value is Issue =>
  typeof value === 'object' &&
  value !== null &&
  'message' in value &&
  typeof value.message === 'string' &&
  (!('path' in value) || value.path === undefined || value.path === null || Array.isArray(value.path));

const issuesOf = (cause: Error): readonly Issue[] | undefined => {
  if (!('issues' in cause) || !Array.isArray(cause.issues)) return undefined;
  const issues: unknown[] = cause.issues;
  return issues.length > 0 && issues.every(isIssue) ? issues : undefined;
};

const fieldOf = ({ path }: Issue): string | undefined => {
  const [segment] = path ?? [];
  const key: unknown = typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment;
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'symbol' ? String(key) : undefined;
};

/**
 * What was found, by field, as zod's `flattenError` sorts it. Undefined when the validator does not say it in a known
 * form.
 */
export const fieldErrorsOf = (cause: Error): FieldErrors | undefined => {
  const issues = issuesOf(cause);
  if (issues === undefined) return undefined;
  // A map, since the input may name a field `__proto__`.
  const fields = new Map<string, string[]>();
  for (const issue of issues) {
    const field = fieldOf(issue);
    if (field !== undefined) fields.set(field, [...(fields.get(field) ?? []), issue.message]);
  }
  return {
    formErrors: issues.filter((issue) => fieldOf(issue) === undefined).map(({ message }) => message),
    fieldErrors: Object.fromEntries(fields),
  };
};

/** Errors by which validators tell what they found in words alone: arktype's, superstruct's, yup's. */
const VALIDATORS = new Set(['TraversalError', 'ArkErrors', 'StructError', 'ValidationError']);

/** What every error has of its own. */
const PLAIN = new Set(['message', 'stack']);

/** An error that was made of words and nothing else, as a function that checks an input throws one. */
const isPlain = (error: Error): boolean =>
  Object.getPrototypeOf(error) === Error.prototype && Reflect.ownKeys(error).every((key) => PLAIN.has(String(key)));

/**
 * What a validator says that throws an error of its own. Undefined for an error that is none: a driver's, an ORM's or
 * the system's carries a statement, a code or a cause, is of a class of its own, and its words are nobody's to read
 * (ASVS 16.5.1).
 */
export const validatorWordsOf = (cause: Error): string | undefined =>
  isPlain(cause) || VALIDATORS.has(cause.constructor.name) ? cause.message : undefined;
