import { identifierKey } from '../../../../shared/auth/identifiers.ts';
import type { StoredUser } from '../../accounts/stored-user.ts';
import type { AuthCore } from '../../feature.ts';
import type { Flow } from '../../flows/flow.ts';
import { refuse } from '../../refusal.ts';
import { codeOf } from '../../store/error-code.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import type { LinkEvent } from './link-events.ts';
import { refuseMail } from './refuse-mail.ts';

/** What a confirmation has changed, to be told after the commit. */
export interface Confirmation {
  user: StoredUser;
  displaced: StoredUser | undefined;
  events: readonly LinkEvent[];
}

/** The kinds that confirm an address of an account. */
export const CONFIRMING = ['confirm_address', 'confirm_new_address'] as const;

/** What Postgres says where another transaction has just given the address to somebody. */
const UNIQUE_VIOLATION = '23505';

/**
 * Nobody had the address when it was looked at, and somebody has it now: whoever tries again finds them.
 * @throws `unavailable` in its place
 */
export const unlessTakenMeanwhile = async <TResult>(change: Promise<TResult>): Promise<TResult> => {
  try {
    return await change;
  } catch (error) {
    throw codeOf(error) === UNIQUE_VIOLATION ? refuse('unavailable') : error;
  }
};

export const textIn = ({ data }: Flow, name: string): string | undefined => {
  const value = data?.[name];
  return typeof value === 'string' ? value : undefined;
};

const displacedEvents = (displaced: StoredUser | undefined): LinkEvent[] =>
  displaced === undefined ? [] : [{ event: 'email.displaced', userId: displaced.id }];

/** Confirms the address of a flow, in the transaction given. */
export const createConfirming = ({ addresses, clock, flows, mailedLinks }: AuthCore) => {
  /** The old address is told, and can take all of it back. */
  const mailWayBack = async (transaction: AuthDatabase, flow: Flow, before: StoredUser, after: StoredUser) => {
    const { id: userId, email: to, email_verified_at: verifiedAt, username } = before;
    // What was only claimed may be a stranger's, who is not to take anything back.
    if (to === null || verifiedAt === null || after.email === null) return;
    await mailedLinks.queue(transaction, {
      kind: 'revert_email',
      userId,
      address: to,
      to,
      username,
      newAddress: after.email,
      // As all was when the change was asked for: what came later may be a thief's.
      data: { email: to, hash: textIn(flow, 'hash') ?? null, replaced: flow.data?.['replaced'], since: flow.createdAt },
    });
  };

  return {
    /** @throws `token_invalid`, `email_taken` */
    confirm: async (transaction: AuthDatabase, flow: Flow): Promise<Confirmation> => {
      const email = textIn(flow, 'email');
      const { userId } = flow;
      if (email === undefined || userId === null) throw refuseMail('token_invalid');
      const confirmed = await addresses.confirm(transaction, { userId, email, now: clock.now() });
      if (confirmed.kind === 'taken') throw refuse('email_taken');
      if (confirmed.kind === 'over' || (await flows.consume(flow, CONFIRMING, transaction)) === undefined) {
        throw refuseMail('token_invalid');
      }
      await flows.voidAll({ userId, kinds: CONFIRMING }, transaction);
      const { user, before, displaced } = confirmed;
      const isChanged = before.email !== null && identifierKey(before.email) !== identifierKey(email);
      if (isChanged) await mailWayBack(transaction, flow, before, user);
      return {
        user,
        displaced,
        events: [{ event: isChanged ? 'email.changed' : 'email.confirmed', userId }, ...displacedEvents(displaced)],
      };
    },

    /** Frees the address of a sign-up. Undefined: it is somebody's. */
    free: async (
      transaction: AuthDatabase,
      email: string,
    ): Promise<Pick<Confirmation, 'displaced' | 'events'> | undefined> => {
      const freed = await addresses.free(transaction, email, clock.now());
      if (freed.kind === 'taken') return undefined;
      return { displaced: freed.displaced, events: displacedEvents(freed.displaced) };
    },
  };
};
