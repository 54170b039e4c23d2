import type { VerifyEmailInput } from '../../../../shared/auth/index.ts';
import type { Claim } from '../../accounts/claim.ts';
import type { AuthContext } from '../../context.ts';
import type { Report } from '../../events.ts';
import type { AuthCore } from '../../feature.ts';
import type { Flow } from '../../flows/flow.ts';
import { reasonOf, refuse } from '../../refusal.ts';
import { admit } from '../../sessions/admit.ts';
import { sessionCookiesSlot } from '../../sessions/session-cookies.ts';
import { sessionsSlot } from '../../sessions/sessions.ts';
import type { RecordEvents } from '../../store/recording.ts';
import { CONFIRMING, type Confirmation, createConfirming, textIn, unlessTakenMeanwhile } from './confirming.ts';
import type { LinkEvent } from './link-events.ts';
import { createProveByLink } from './prove-by-link.ts';
import { refuseMail } from './refuse-mail.ts';

type Admitted = Awaited<ReturnType<typeof admit>>;

export type VerifyEmail = (ctx: AuthContext, input: VerifyEmailInput) => Promise<{ ok: true } | Admitted>;

const REGISTRATION = 'registration';

/**
 * Confirms an address by a mailed link. The link alone is not enough: whoever presses it is signed in to the account,
 * or knows its password, so that nobody is handed an account that somebody else has made with their address.
 * @throws `token_invalid`, `invalid_credentials`, `email_taken`, `username_taken`
 */
export const createVerifyEmail = (core: AuthCore): VerifyEmail => {
  const { accounts, announce, clock, credentials, database, flows, mail } = core;
  const report: Report<LinkEvent> = core.report;
  const record: RecordEvents<LinkEvent> = core.record;
  const confirming = createConfirming(core);
  const proveByLink = createProveByLink(core);
  const prove = async (ctx: AuthContext, flow: Flow, hash: string | null, password: string | undefined) => {
    const missing = 'Enter the password of the account.';
    return (await proveByLink(ctx.request, flow, { hashes: [hash], password, missing })).passwords;
  };

  const tell = async (
    { request }: AuthContext,
    changed: Pick<Confirmation, 'displaced' | 'events'>,
    user?: Confirmation['user'],
  ) => {
    const raised = [user, changed.displaced].filter((one) => one !== undefined);
    await announce(raised.map(({ id: userId, ver }) => ({ kind: 'user', userId, ver })));
    mail.sent();
    for (const event of changed.events) report(request, event);
  };

  /** Whose session the browser's cookie is of. It is looked at, and not rotated. */
  const sessionUser = async ({ auth, cookies }: AuthContext): Promise<string | undefined> => {
    const cookie = sessionCookiesSlot.of(auth).readRefresh(cookies);
    return cookie.kind === 'present' ? (await sessionsSlot.of(auth).peek(cookie.token))?.id : undefined;
  };

  const confirmInSession = async (ctx: AuthContext, flow: Flow): Promise<{ ok: true }> => {
    const confirmation = await unlessTakenMeanwhile(
      database.transaction().execute(async (transaction) => {
        const confirmed = await confirming.confirm(transaction, flow);
        await record(transaction, ctx.request, confirmed.events);
        return confirmed;
      }),
    );
    await tell(ctx, confirmation, confirmation.user);
    return { ok: true };
  };

  const confirmBySigningIn = async (
    ctx: AuthContext,
    flow: Flow & { userId: string },
    password: string | undefined,
  ) => {
    const hash = (await credentials.passwords()?.find(database, flow.userId)) ?? null;
    const passwords = await prove(ctx, flow, hash, password);
    const found = await accounts.findForSignIn(flow.userId);
    if (found === undefined) throw refuseMail('token_invalid');
    // On its own: whatever comes of the second factor, the address has been proven.
    await confirmInSession(ctx, flow);
    const claim: Claim = {
      user: found,
      proof: { amr: ['pwd'], at: clock.now(), ver: found.ver },
      event: 'login.succeeded',
      settle: async (transaction, deviceHash) => {
        const again = await accounts.findForSignIn(found.id, transaction);
        const isSame = (await passwords.find(transaction, found.id)) === hash;
        const user = again && isSame ? await accounts.confirm(transaction, again, deviceHash) : undefined;
        if (user === undefined) throw passwords.refuseWrong();
        return user;
      },
    };
    return await admit(ctx, claim);
  };

  const completeSignUp = async (ctx: AuthContext, flow: Flow, { password, username }: VerifyEmailInput) => {
    const [email, hash] = [textIn(flow, 'email'), textIn(flow, 'hash')];
    if (email === undefined || hash === undefined) throw refuseMail('token_invalid');
    const passwords = await prove(ctx, flow, hash, password);
    const name = username ?? textIn(flow, 'username');
    const draft = accounts.draft({
      email,
      fac: 'password',
      isEmailVerified: true,
      ...(textIn(flow, 'username') !== undefined && name !== undefined && { username: name }),
    });
    let freed: Pick<Confirmation, 'displaced' | 'events'> | undefined;
    const claim: Claim = {
      user: draft.user,
      proof: { amr: ['pwd'], at: clock.now(), ver: draft.user.ver },
      event: 'account.registered',
      settle: async (transaction, deviceHash) => {
        freed = await confirming.free(transaction, email);
        const taken = freed === undefined ? 'email_taken' : await draft.insert(transaction, deviceHash);
        // Judged before what is taken: the first press of this link may have taken it. Yet behind the insert, where the
        // first press of another link to this address is waited for, which then voids this one.
        if ((await flows.consume(flow, REGISTRATION, transaction)) === undefined) throw refuseMail('token_invalid');
        if (taken !== undefined) throw refuse(taken);
        await passwords.put(transaction, draft.user.id, hash);
        await flows.voidAll({ address: email, kinds: [REGISTRATION] }, transaction);
        await record(transaction, ctx.request, freed?.events ?? []);
        return draft.user;
      },
    };
    try {
      const admitted = await admit(ctx, claim);
      if (freed !== undefined) await tell(ctx, freed);
      return admitted;
    } catch (error) {
      if (reasonOf(error) === 'username_taken') await flows.refund(flow);
      throw error;
    }
  };

  return async (ctx, { token, ...input }) => {
    const flow = await flows.attempt(token, [REGISTRATION, ...CONFIRMING]);
    if (flow === undefined) throw refuseMail('token_invalid');
    if (flow.kind === REGISTRATION) return await completeSignUp(ctx, flow, { token, ...input });
    const { userId } = flow;
    if (userId === null) throw refuseMail('token_invalid');
    if ((await sessionUser(ctx)) === userId) return await confirmInSession(ctx, flow);
    return await confirmBySigningIn(ctx, { ...flow, userId }, input.password);
  };
};
