const MIN_BYTES = 32;
const MIN_DISTINCT_BYTES = 10;

/**
 * How every secret in `.env.example` and in the docs begins, so that none of them can be in use. A test looks through
 * them.
 */
const PLACEHOLDER = /^(?:replace|change)[-_ ]?(?:me|this)/i;

/** The sample secrets of jwt.io, which are long enough and known to everyone. */
const PUBLISHED = ['a-string-secret-at-least-256-bits-long', 'your-256-bit-secret-your-256-bit-secret'];

/** What is wrong with the entries of a secret, in words that never repeat them. */
export const secretProblems = (entries: readonly string[]): string[] => {
  const problems = new Set<string>();
  for (const entry of entries) {
    const bytes = Buffer.from(entry);
    if (entry === '') problems.add('has an empty entry');
    else if (bytes.length < MIN_BYTES) {
      problems.add(`must be at least ${MIN_BYTES} bytes long: \`npx latchkey secrets\` makes one`);
    } else if (new Set(bytes).size < MIN_DISTINCT_BYTES) {
      problems.add(`must have at least ${MIN_DISTINCT_BYTES} different characters: \`npx latchkey secrets\` makes one`);
    } else if (PLACEHOLDER.test(entry) || PUBLISHED.includes(entry)) {
      problems.add('looks like a placeholder from a document: `npx latchkey secrets` makes one');
    }
  }
  if (new Set(entries).size < entries.length) problems.add('has the same entry twice');
  return [...problems];
};
