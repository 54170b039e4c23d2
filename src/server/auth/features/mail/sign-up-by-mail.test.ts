import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, createTestKeys, grantIn, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { createPostbox, type Postbox } from '#testing/postbox.ts';
import { refusal } from '#testing/refusal.ts';
import { reasonOf } from '../../refusal.ts';

const DAY = 86_400_000;

describe.each(eachStore)('with an address that has to be confirmed first, on $dialect,', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let lenient: TestAuth;
  const postbox: Postbox = createPostbox();
  let people = 0;

  beforeAll(async () => {
    store = await open();
    const keys = createTestKeys();
    const options = { ...keys, features: [postbox.feature] };
    kit = await createTestAuth(store, { ...options, requireEmailVerification: true });
    lenient = await createTestAuth(store, { ...options, clock: kit.clock });
  });
  afterAll(async () => {
    await kit.stop();
    await lenient.stop();
    await store.remove();
  });
  beforeEach(() => {
    postbox.mails.length = 0;
    people += 1;
  });

  const name = () => `person${people}`;
  const email = () => `${name()}@mail.example`;
  const input = () => ({ username: name(), email: email(), password: TEST_PASSWORD });
  const register = (more: object = {}) =>
    kit
      .openBrowser()
      .call()
      .auth.register({ ...input(), ...more });
  const verify = (more: object = {}, browser = kit.openBrowser()) =>
    browser.call().auth.verifyEmail({ token: postbox.tokenOf('confirm_address'), password: TEST_PASSWORD, ...more });

  test('a registration makes no account and reserves nothing: the link makes it, with the password', async () => {
    const browser = kit.openBrowser();
    expect(await browser.call().auth.register(input())).toEqual({ next: 'verify_email' });
    expect([...browser.cookies.keys()]).toEqual([]);
    expect(postbox.mails).toMatchObject([{ kind: 'confirm_address', userId: null, to: email(), username: name() }]);
    const login = () => kit.openBrowser().call().auth.login({ username: name(), password: TEST_PASSWORD });
    await expect(login()).rejects.toThrow(/open the link in the mail/);
    expect(await refusal(verify({ password: undefined }))).toBe('BAD_REQUEST');
    expect(await refusal(verify({ password: 'wrong' }))).toBe('invalid_credentials');
    const answer = await verify({}, browser);
    if ('ok' in answer) throw new Error('It signs in.');
    expect(grantIn(answer).user).toMatchObject({ username: name(), email: email(), emailVerified: true });
    expect(browser.cookies.has('__Host-refresh')).toBe(true);
    expect(await refusal(verify())).toBe('token_invalid');
    expect((await login()).user.emailVerified).toBe(true);
    expect(await kit.openBrowser().call().auth.methods()).toMatchObject({ emailVerification: true, password: true });
  });

  test('one whose address is known gets the same answer, and its owner another mail', async () => {
    await register();
    await verify();
    postbox.mails.length = 0;
    expect(await register({ username: 'somebody' })).toEqual({ next: 'verify_email' });
    expect(await register({ email: `other.${email()}` })).toEqual({ next: 'verify_email' });
    expect(postbox.mails.map(({ kind, to }) => [kind, to])).toEqual([
      ['account_exists', email()],
      ['confirm_address', `other.${email()}`],
    ]);
    expect(postbox.mails[0]?.link).toBeUndefined();
    // The name was taken: another one is asked for, and that is no try.
    for (let tries = 0; tries < 7; tries += 1) expect(await refusal(verify())).toBe('username_taken');
    await verify({ username: `${name()}b` });
  });

  test('of two who register one address the first to confirm has it, and a claim is taken over', async () => {
    await register({ username: `${name()}a` });
    const first = postbox.tokenOf('confirm_address');
    await register({ username: `${name()}b` });
    await verify();
    expect(await refusal(verify({ token: first }))).toBe('token_invalid');

    const claimed = `claimed.${email()}`;
    const squatter = lenient.openBrowser();
    await squatter
      .call()
      .auth.register({ username: `${name()}s`, email: claimed, password: 'a password of a squatter' });
    await register({ username: `${name()}c`, email: claimed });
    await verify({ token: postbox.tokenOf('confirm_address', claimed) });
    const login = kit.openBrowser().call().auth.login({ username: claimed, password: 'a password of a squatter' });
    expect(await refusal(login)).toBe('invalid_credentials');
  });

  test('of a hundred at once one makes the account, and for the others the link is used up', async () => {
    for (let round = 0; round < (isHeavy ? 20 : 3); round += 1) {
      people += 1;
      await register();
      const token = postbox.tokenOf('confirm_address', email());
      const results = await Promise.allSettled(Array.from({ length: isHeavy ? 100 : 20 }, () => verify({ token })));
      const refused = results.flatMap((result) => (result.status === 'rejected' ? [reasonOf(result.reason)] : []));
      expect(refused).toEqual(Array(results.length - 1).fill('token_invalid'));
    }
  }, 60_000);

  test('of three links to one address that are pressed at once one makes the account and voids the others', async () => {
    for (let round = 0; round < (isHeavy ? 50 : 5); round += 1) {
      people += 1;
      for (const part of ['a', 'b', 'c']) await register({ username: `${name()}${part}` });
      const tokens = postbox.to(email()).map(({ link }) => link?.token ?? '');
      const results = await Promise.allSettled(tokens.map((token) => verify({ token })));
      const refused = results.flatMap((result) => (result.status === 'rejected' ? [reasonOf(result.reason)] : []));
      expect(refused).toEqual(['token_invalid', 'token_invalid']);
    }
  }, 60_000);

  test('one whose address somebody else has confirmed since says so', async () => {
    await register();
    const token = postbox.tokenOf('confirm_address');
    const other = lenient.openBrowser();
    await other.register(`${name()}o`);
    await other.call().user.changeEmail({ email: email() });
    await other.call().auth.verifyEmail({ token: postbox.tokenOf('confirm_new_address') });
    for (let tries = 0; tries < 2; tries += 1) expect(await refusal(verify({ token }))).toBe('email_taken');
  });

  test('is over after a day, and waits sealed', async () => {
    await register();
    const { rows } = await kit.services.database
      .selectFrom('auth_flows')
      .selectAll()
      .execute()
      .then((found) => ({ rows: JSON.stringify(found) }));
    for (const secret of [email(), postbox.tokenOf('confirm_address'), 'quick$']) expect(rows).not.toContain(secret);
    kit.clock.advance(DAY);
    expect(await refusal(verify())).toBe('token_invalid');
  });

  test('an account that is not confirmed can do that and little else', async () => {
    const before = lenient.openBrowser();
    await before.register(name());
    const browser = kit.openBrowser();
    await browser.login(name());
    expect(await refusal(browser.call().sessions.list())).toBe('email_not_verified');
    expect(
      await refusal(
        browser
          .call()
          .user.me()
          .then(() => browser.call().sessions.revokeOthers()),
      ),
    ).toBe('email_not_verified');
    await browser.call().auth.claims();
    await browser.call().user.resendVerification();
    await browser.call().user.changeEmail({ email: `new.${email()}` });
    await browser.call().auth.verifyEmail({ token: postbox.tokenOf('confirm_new_address') });
    await browser.refresh();
    await browser.call().sessions.list();
  });

  test('asks for mail at once', async () => {
    await expect(createTestAuth(store, { requireEmailVerification: true })).rejects.toThrow(/needs mail/);
  });
});
