import { z } from 'zod/v4';
import type { RevertEmailInput } from '../../../../shared/auth/index.ts';
import { raiseVersion } from '../../accounts/account-store.ts';
import { WAY_BACK } from '../../accounts/address-changes.ts';
import type { ReplacedPassword } from '../../accounts/credentials.ts';
import type { StoredUser } from '../../accounts/stored-user.ts';
import type { Report } from '../../events.ts';
import type { AuthCore } from '../../feature.ts';
import type { Flow } from '../../flows/flow.ts';
import { refuse } from '../../refusal.ts';
import type { AuthRequest } from '../../request.ts';
import type { RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { textIn, unlessTakenMeanwhile } from './confirming.ts';
import type { LinkEvent } from './link-events.ts';
import { createProveByLink } from './prove-by-link.ts';
import { refuseMail } from './refuse-mail.ts';

export type RevertEmail = (request: AuthRequest, input: RevertEmailInput) => Promise<void>;

/** What there is to put back. */
interface Past {
  userId: string;
  email: string;
  /** The password that stood when the change was asked for. */
  hash: string | null;
  /** Those that had stood within the week before. */
  replaced: readonly ReplacedPassword[];
  /** When the change was asked for. */
  since: number;
}

const replacedSchema = z.array(z.object({ hash: z.string(), replacedAt: z.number() })).default([]);

const pastOf = (flow: Flow): Past | undefined => {
  const email = textIn(flow, 'email');
  const since = flow.data?.['since'];
  if (flow.userId === null || email === undefined || typeof since !== 'number') return undefined;
  return {
    userId: flow.userId,
    email,
    hash: textIn(flow, 'hash') ?? null,
    replaced: replacedSchema.parse(flow.data?.['replaced']),
    since,
  };
};

/**
 * Takes an address back that was changed: for the owner of an account that somebody else has taken over. It asks for
 * the password that stood before the change, so that whoever reads the old mailbox later cannot take an honest change
 * back; and takes one that was replaced within the week before as well, for a thief may have changed that first.
 * Whoever knew no more than that password does not stay either: a reset is mailed at once.
 * @throws `token_invalid`, `invalid_credentials`, `email_taken`
 */
export const createRevertEmail = (core: AuthCore): RevertEmail => {
  const { addresses, announce, clock, credentials, flows, mail, mailedLinks, sessions } = core;
  const report: Report<LinkEvent> = core.report;
  const record: RecordEvents<LinkEvent> = core.record;
  const proveByLink = createProveByLink(core);

  /** All that was added since then, but the password, which has one before. */
  const removeSince = async (transaction: AuthDatabase, userId: string, since: number): Promise<void> => {
    for (const { remove } of [...credentials.credentials(), ...credentials.secondFactors()]) {
      await remove(userId, { since }, transaction);
    }
  };

  const voidYounger = async (transaction: AuthDatabase, flow: Flow, { userId }: Past): Promise<void> => {
    await flows.voidAll({ userId, exceptKinds: [WAY_BACK] }, transaction);
    // Those that a thief's own changes have mailed to the thief. An older one is still the owner's.
    await flows.voidAll({ userId, kinds: [WAY_BACK], since: flow.createdAt }, transaction);
  };

  return async (request, { token, password }) => {
    const flow = await flows.attempt(token, WAY_BACK);
    const past = flow && pastOf(flow);
    if (flow === undefined || past === undefined) throw refuseMail('token_invalid');
    const missing = 'Enter the password from before the change.';
    const hashes = [past.hash, ...past.replaced.map((replaced) => replaced.hash)];
    const { passwords, hash } = await proveByLink(request, flow, { hashes, password, missing });

    const { userId, email } = past;
    // Whoever changed that password may have had the account since then.
    const since = past.replaced.find((replaced) => replaced.hash === hash)?.replacedAt ?? past.since;
    const now = clock.now();
    const event: LinkEvent = { event: 'email.reverted', userId };
    let displaced: StoredUser | undefined;
    const change = async (transaction: AuthDatabase): Promise<StoredUser> => {
      const confirmed = await addresses.confirm(transaction, { userId, email, now });
      if (confirmed.kind === 'taken') throw refuse('email_taken');
      if (confirmed.kind === 'over' || (await flows.consume(flow, WAY_BACK, transaction)) === undefined) {
        throw refuseMail('token_invalid');
      }
      displaced = confirmed.displaced;
      const user = await raiseVersion(transaction, userId, now).set({ devices: '' }).executeTakeFirstOrThrow();
      await removeSince(transaction, userId, since);
      await passwords.put(transaction, userId, hash);
      await voidYounger(transaction, flow, past);
      await mailedLinks.queue(transaction, {
        kind: 'reset',
        userId,
        address: email,
        ver: user.ver,
        to: email,
        username: user.username,
      });
      await record(transaction, request, [event]);
      return user;
    };
    const changed = await unlessTakenMeanwhile(
      sessions.changeAndEnd(request, { userId, cause: 'email_reverted', now }, change),
    );
    const raised = [changed, displaced].filter((one) => one !== undefined);
    await announce(raised.map(({ id, ver }) => ({ kind: 'user', userId: id, ver })));
    mail.sent();
    report(request, event);
  };
};
