import type { CoreEvent, Report } from '../../events.ts';
import type { Limits } from '../../limits/limits.ts';
import { judgeProof } from '../../limits/proof-attempt.ts';
import { reasonOf } from '../../refusal.ts';
import type { AuthRequest } from '../../request.ts';
import { changeAndRecord, type RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { Principal } from '../../tokens/access-tokens.ts';
import type { HasherPool } from './hasher-pool.ts';
import type { PasswordStore } from './password-store.ts';
import { refusePassword } from './refuse-password.ts';

export interface PasswordProofOptions {
  database: AuthDatabase;
  store: PasswordStore;
  hasher: HasherPool;
  limits: Limits;
  report: Report;
  record: RecordEvents;
}

/** Makes sure that a password is that of whoever calls. */
export type ProvePassword = (request: AuthRequest, user: Principal, password: string) => Promise<void>;

/**
 * Judges the password of somebody who is signed in. An account without one, or that is disabled, has none that is
 * right.
 * @throws `invalid_credentials`, `rate_limited`
 */
export const createPasswordProof = (options: PasswordProofOptions): ProvePassword => {
  const { database, store, hasher, limits, report, record } = options;

  const judge = async (request: AuthRequest, { id }: Principal, password: string): Promise<boolean> => {
    hasher.ensureRoom();
    const found = await store.findAgain(database, id);
    const matches = await hasher.verify(found?.hash ?? undefined, password, () => !request.isDisconnected());
    return matches && found?.disabled_at === null;
  };

  return async (request, user, password) => {
    const refused = async (reason: string): Promise<void> => {
      const event: CoreEvent = { event: 'reauthentication.refused', reason, userId: user.id };
      if (record.isOn)
        await changeAndRecord(
          { database, record },
          request,
          async () => {},
          () => [event],
        );
      report(request, event);
    };
    let isRight: boolean;
    try {
      isRight = await judgeProof(limits, { userId: user.id, sid: user.sid }, () => judge(request, user, password));
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === 'rate_limited') report(request, { event: 'reauthentication.refused', reason, userId: user.id });
      throw error;
    }
    if (isRight) return;
    await refused('invalid_credentials');
    throw refusePassword('invalid_credentials');
  };
};
