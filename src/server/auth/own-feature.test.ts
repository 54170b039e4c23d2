import {
  type Auth,
  type AuthContext,
  type AuthCore,
  type AuthTables,
  cookieProcedure,
  coreRouters,
  createCallerFactory,
  createRefuse,
  type Feature,
  freshSessionProcedure,
  router,
} from 'latchkey/server';
import type { SessionGrant } from 'latchkey/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { refusal } from '#testing/refusal.ts';

const REASONS = { badge_unknown: { code: 'UNAUTHORIZED', message: 'Nobody has this badge.' } } as const;
const refuseBadge = createRefuse(REASONS);

/** As an app may write one: whoever shows the badge of an account is let in, and can have a new one. */
const badges = () => {
  const owners = new Map<string, string>();
  const cores = new WeakMap<Auth, AuthCore>();
  const coreOf = ({ auth }: AuthContext): AuthCore => {
    const core = cores.get(auth);
    if (core === undefined) throw new TypeError('Add badges() to the features of createAuth.');
    return core;
  };

  const loginWithBadge = cookieProcedure
    .meta({ policy: 'public', feature: 'badges' })
    .input(z.strictObject({ badge: z.string() }))
    .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
      const core = coreOf(ctx);
      const found = await core.accounts.findForSignIn(owners.get(input.badge) ?? '');
      if (found === undefined) throw refuseBadge('badge_unknown');
      return await core.admit(ctx, {
        user: found,
        proof: { amr: ['hwk'], at: core.clock.now(), ver: found.ver },
        devices: found.devices,
        event: 'login.succeeded',
        settle: async (transaction, deviceHash) => {
          const user = await core.accounts.confirm(transaction, found, deviceHash);
          if (user === undefined) throw refuseBadge('badge_unknown');
          return user;
        },
      });
    });

  const changeBadge = freshSessionProcedure()
    .meta({ policy: 'fresh', feature: 'badges' })
    .input(z.strictObject({ badge: z.string() }))
    .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
      const core = coreOf(ctx);
      const grant = await core.renew(ctx, {
        cause: 'password_changed',
        change: (transaction) =>
          transaction
            .updateTable('auth_users')
            .set((row) => ({ ver: row('ver', '+', 1), ver_raised_at: core.clock.now() }))
            .where('id', '=', ctx.user.id)
            .returningAll()
            .executeTakeFirst(),
      });
      owners.set(input.badge, ctx.user.id);
      return grant;
    });

  const routers = { auth: { loginWithBadge, changeBadge } };
  const feature: Feature<typeof routers, keyof typeof REASONS, never> = {
    name: 'badges',
    routers,
    reasons: REASONS,
    install: (auth, core) => {
      cores.set(auth, core);
      return {};
    },
  };
  return { feature, routers, owners };
};

describe.each(eachStore)('a feature of an app’s own, on $dialect,', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let shown: ReturnType<typeof badges>;
  let userId: string;

  beforeEach(async () => {
    store = await open();
    shown = badges();
    kit = await createTestAuth(store, { features: [shown.feature] });
    await kit.openBrowser().register('ada');
    userId = (await kit.services.accounts.findByIdentifier('ada'))?.id ?? '';
    shown.owners.set('first', userId);
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  const call = (browser: TestBrowser) => {
    const { auth } = coreRouters;
    return createCallerFactory(router({ auth: { ...auth, ...shown.routers.auth } }))(browser.context()).auth;
  };
  const login = async (browser: TestBrowser, badge: string): Promise<void> => {
    browser.accessToken = (await call(browser).loginWithBadge({ badge })).accessToken;
  };

  test('signs somebody in through the one door, as any other way in does', async () => {
    const browser = kit.openBrowser();
    await login(browser, 'first');
    await browser.refresh();
    expect(await browser.call().user.me()).toMatchObject({ username: 'ada' });
    expect(await browser.call().sessions.list()).toHaveLength(2);
    expect(kit.events).toContainEqual(expect.objectContaining({ event: 'login.succeeded', userId }));
  });

  test('lets nobody in whom the account has changed for in the meantime, or who is disabled', async () => {
    expect(await refusal(login(kit.openBrowser(), 'another'))).toBe('badge_unknown');
    await kit.services.accountChanges.disable({ id: 'test', address: null, userAgent: null }, userId);
    expect(await refusal(login(kit.openBrowser(), 'first'))).toBe('badge_unknown');
    const db = store.database.db.withTables<AuthTables>();
    expect(await db.selectFrom('auth_sessions').select('sid').execute()).toHaveLength(1);
  });

  test('changes a credential by renewing the session that asks, and ends the others', async () => {
    const [browser, other] = [kit.openBrowser(), kit.openBrowser()];
    await login(browser, 'first');
    await login(other, 'first');
    browser.accessToken = (await call(browser).changeBadge({ badge: 'second' })).accessToken;
    await browser.refresh();
    expect((await browser.call().sessions.list()).map(({ current }) => current)).toEqual([true]);
    expect(await refusal(other.refresh())).toBe('session_revoked: password_changed');
    await login(kit.openBrowser(), 'second');
  });
});
