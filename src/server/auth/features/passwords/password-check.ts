import type { AccountNames } from '../../accounts/identifier-keys.ts';
import type { CoreEvent, Initiator, Report } from '../../events.ts';
import type { BreachCheck } from './breach-check.ts';
import type { PasswordEvent } from './password-events.ts';
import { isTooCommon } from './password-strength.ts';
import { refusePassword } from './refuse-password.ts';

/**
 * Judges a new password, before anything is done with it.
 * @throws `password_too_common`, `password_breached`
 */
export type CheckPassword = (initiator: Initiator, password: string, account: AccountNames) => Promise<void>;

/** A list of breached passwords that cannot be asked stops nobody (it fails open), and is reported. */
export const createPasswordCheck =
  ({
    words,
    isBreached,
    report,
  }: {
    /** Of which no password may be made, such as the app's name. */
    words: readonly string[];
    isBreached: BreachCheck | undefined;
    report: Report<CoreEvent | PasswordEvent>;
  }): CheckPassword =>
  async (initiator, password, account) => {
    if (isTooCommon(password, account, words)) throw refusePassword('password_too_common');
    if (isBreached === undefined) return;
    const found = await isBreached(password).catch(() => {
      report(initiator, { event: 'breach_check.failed' });
      return false;
    });
    if (found) throw refusePassword('password_breached');
  };
