/** It stands in the headers of mails. */
const NAME = /^[^\p{Cc}]{1,100}$/u;

export const appNameProblem = (text: string): string | undefined =>
  NAME.test(text) ? undefined : 'must be a name of at most 100 characters, in one line';
