import { fieldsOf, reasonOf } from 'latchkey/client';
import { wordsOf } from '../words/reasons.ts';

const FIELD_OF_REASON: Readonly<Record<string, string>> = {
  username_taken: 'username',
  email_taken: 'email',
  password_too_common: 'password',
};

/**
 * What the server has against single fields of a form, by the field's name. Empty when the refusal belongs to none of
 * `names`: it is then told above the form.
 */
export const fieldRefusals = <Name extends string>(
  error: unknown,
  names: readonly Name[],
): Partial<Record<Name, string>> => {
  const reason = reasonOf(error);
  const refused = fieldsOf(error)?.fieldErrors ?? {};
  const found: Partial<Record<Name, string>> = {};

  for (const name of names) {
    const [message] = refused[name] ?? [];
    if (message !== undefined) found[name] = message;
    const words = reason === undefined ? undefined : wordsOf(reason);
    if (words !== undefined && reason !== undefined && FIELD_OF_REASON[reason] === name) found[name] = words;
  }
  return found;
};
