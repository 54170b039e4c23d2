import { fieldsOf, reasonOf } from 'latchkey/client';
import { wordsOf } from '../words/reasons.ts';

/** What a reason is to one form. */
export interface FormReason<Name extends string> {
  /** Where it belongs. Above the form, unless given. */
  field?: Name;
  /** In place of what is said of it elsewhere. */
  words?: string;
}

export type FormReasons<Name extends string> = Readonly<Record<string, FormReason<Name>>>;

const FIELD_OF_REASON: Readonly<Record<string, string>> = {
  username_taken: 'username',
  email_taken: 'email',
  password_too_common: 'password',
  password_breached: 'password',
};

/**
 * What the server has against single fields of a form, by the field's name. Empty when the refusal belongs to none of
 * `names`: it is then told above the form.
 * @param reasons of this form alone, beside those that belong to a field wherever it stands.
 */
export const fieldRefusals = <Name extends string>(
  error: unknown,
  names: readonly Name[],
  reasons: FormReasons<Name> = {},
): Partial<Record<Name, string>> => {
  const reason = reasonOf(error);
  const refused = fieldsOf(error)?.fieldErrors ?? {};
  const own = reason === undefined ? undefined : reasons[reason];
  const found: Partial<Record<Name, string>> = {};

  for (const name of names) {
    const [message] = refused[name] ?? [];
    if (message !== undefined) found[name] = message;
    const words = reason === undefined ? undefined : (own?.words ?? wordsOf(reason));
    if (words === undefined || reason === undefined) continue;
    if (name === (own === undefined ? FIELD_OF_REASON[reason] : own.field)) found[name] = words;
  }
  return found;
};
