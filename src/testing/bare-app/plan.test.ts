import { createTRPCClient } from '@trpc/client';
import { createAuthKit } from 'latchkey/testing';
import { expect, test } from 'vitest';
import type { AppRouter } from './server.ts';

test('a member whose token has expired sees her plan all the same', async () => {
  const kit = createAuthKit({ procedures: { 'members.plan': () => 'gold' } });
  kit.signedIn('grace');
  const tab = kit.openTab();
  tab.auth.start();
  await kit.settle();
  const client = createTRPCClient<AppRouter>({ links: tab.auth.links() });
  kit.expireAccessTokens();
  expect(await client.members.plan.query()).toBe('gold');
  expect(kit.sent('auth.refresh')).toBe(2);
});
