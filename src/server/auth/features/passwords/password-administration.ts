import { type AdministrationOptions, createAdministration } from '../../create-administration.ts';
import type { CoreEvent, Report } from '../../events.ts';
import { createRecording, type RecordEvents } from '../../store/recording.ts';
import type { PasswordHasher } from './argon2.ts';
import { createPasswordChanges } from './password-changes.ts';
import type { PasswordEvent } from './password-events.ts';
import { createPasswordStore } from './password-store.ts';

export interface PasswordAdministrationOptions extends Omit<AdministrationOptions, 'record'> {
  report: Report<CoreEvent | PasswordEvent>;
  /** @default nobody listens */
  record?: RecordEvents<CoreEvent | PasswordEvent>;
  hasher: PasswordHasher;
  /** Words of which no password may be made, such as the app's name. @default [] */
  refusedWords?: readonly string[];
}

/**
 * What is done with accounts and their passwords where there are no keys and nobody signs in: by a command of the
 * shell.
 */
export const createPasswordAdministration = ({
  record = createRecording().record,
  refusedWords: words = [],
  ...given
}: PasswordAdministrationOptions) => {
  const options = { ...given, record };
  const { accounts, sessions, accountChanges } = createAdministration(options);
  const store = createPasswordStore(options.database);
  return { accountChanges, passwordChanges: createPasswordChanges({ ...options, words, store, accounts, sessions }) };
};
