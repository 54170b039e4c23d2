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

/** What was found, by field, as zod's `flattenError` sorts it. Undefined when the validator does not say it in a known form. */
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

const DEFECTS = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError];

/**
 * What a validator says that throws an error of its own. Undefined for an error that is none: those of the language are defects, and those with
 * a code come from the system or a driver, whose words are nobody's to read (ASVS 16.5.1).
 */
export const validatorWordsOf = (cause: Error): string | undefined =>
  DEFECTS.some((kind) => cause instanceof kind) || 'code' in cause ? undefined : cause.message;
