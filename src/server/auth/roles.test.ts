import { afterEach, expect, test } from 'vitest';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import type { Role } from '../../shared/auth/index.ts';
import { checkRoles } from './roles.ts';

/** Roles as another app registers them: its types know them, and those here do not. */
const rolesOf = (...names: string[]): readonly Role[] => {
  const roles: Role[] = [];
  Array.prototype.push.apply(roles, names);
  return roles;
};

let kit: TestAuth | undefined;
let store: TestStore | undefined;
afterEach(async () => {
  await kit?.stop();
  await store?.remove();
});

test('the roles of an app are names, each once, and of a kilobyte in all', () => {
  for (const fine of [rolesOf('user'), rolesOf('member', 'editor-in-chief', 'tier2')]) checkRoles(fine);
  for (const wrong of ['', 'Admin', 'a,b', 'a b', 'site_admin', 'a%', '2nd', 'é', 'a\n']) {
    expect(() => checkRoles(rolesOf('user', wrong))).toThrow('lower-case letters');
  }
  expect(() => checkRoles([])).toThrow('There is no role');
  expect(() => checkRoles(rolesOf('user', 'user'))).toThrow('twice');
  checkRoles(rolesOf('a'.repeat(512), 'b'.repeat(511)));
  expect(() => checkRoles(rolesOf('a'.repeat(512), 'b'.repeat(512)))).toThrow('1024 bytes');
});

test.each(eachStore)('an app with roles of its own gives the first to new accounts, on $dialect', async ({ open }) => {
  store = await open();
  kit = await createTestAuth(store, { roles: rolesOf('member', 'editor') });
  const browser = kit.openBrowser();
  await browser.register('ada');
  expect((await browser.call().auth.claims()).roles).toEqual(['member']);

  const { id } = await browser.call().user.me();
  const [, editor] = rolesOf('member', 'editor');
  if (editor === undefined) throw new Error('There is no such role.');
  await kit.services.accountChanges.grantRole({ id: 'test', address: null, userAgent: null }, id, editor);
  await browser.refresh();
  expect((await browser.call().auth.claims()).roles).toEqual(['member', 'editor']);
  expect((await browser.call().user.me()).roles).toEqual(['member', 'editor']);
});

test('a role in a row that the app does not have is no role', async () => {
  const [sqlite] = eachStore;
  if (sqlite === undefined) throw new Error('There is no store.');
  store = await sqlite.open();
  kit = await createTestAuth(store, { roles: rolesOf('member') });
  const browser = kit.openBrowser();
  await browser.register('ada');
  await store.database.db
    .withTables<{ auth_users: { roles: string } }>()
    .updateTable('auth_users')
    .set({ roles: 'admin,member' })
    .execute();
  await browser.refresh();
  expect((await browser.call().auth.claims()).roles).toEqual(['member']);
});
