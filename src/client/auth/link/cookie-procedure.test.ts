import { createTRPCUntypedClient } from '@trpc/client';
import { expect, test } from 'vitest';
import { createTestBrowser, type TestTab } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';
import { userOf } from '../testing/server.ts';

const clientOf = ({ auth }: TestTab) => createTRPCUntypedClient({ links: [auth.link()] });

const signedInTabs = async () => {
  const browser = createTestBrowser({ hasChannel: true });
  browser.signedInBefore('ada');
  const [tab, other] = [browser.openTab(), browser.openTab()];
  for (const { auth } of [tab, other]) auth.start();
  await settle();
  return { browser, tab, other };
};

test.each(['auth.changePassword', 'auth.verifyEmail', 'auth.whateverAFeatureBrings'])(
  'the session that %s answers with becomes that of the page, and its token reaches nobody else',
  async (path) => {
    const { tab } = await signedInTabs();
    const user = { ...userOf('ada'), emailVerified: true };
    tab.network.next({ body: { result: { data: { accessToken: 'renewed', expiresIn: 900, user } } } }, path);
    expect(await clientOf(tab).mutation(path)).toEqual({ accessToken: '', expiresIn: 900, user });
    expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { emailVerified: true } });
    expect(tab.auth.headers()).toMatchObject({ authorization: 'Bearer renewed' });
  },
);

test('who deletes their account is signed out, in every tab and over reloads', async () => {
  const { browser, tab, other } = await signedInTabs();
  const gone = { refresh: null, hint: null };
  tab.network.next({ body: { result: { data: { ok: true } } }, cookies: gone }, 'auth.deleteAccount');
  expect(await clientOf(tab).mutation('auth.deleteAccount', { confirm: 'ada' })).toEqual({ ok: true });
  await browser.clock.advance(2_000);
  for (const { auth } of [tab, other, browser.openTab()]) {
    auth.start();
    expect(auth.getState().status).toBe('anonymous');
  }
  expect(tab.auth.getState()).toMatchObject({ ended: { reason: 'signed_out' } });
  expect(other.auth.getState()).toMatchObject({ ended: { reason: 'signed_out' } });
  expect(browser.jar).toEqual(gone);
});

test('who does not delete their account after all stays signed in', async () => {
  const { tab } = await signedInTabs();
  tab.network.next({ status: 400, body: { error: { message: 'No.', code: -32600, data: { code: 'BAD_REQUEST' } } } });
  await expect(clientOf(tab).mutation('auth.deleteAccount', { confirm: 'eve' })).rejects.toThrow('No.');
  expect(tab.auth.getState().status).toBe('authenticated');
});
