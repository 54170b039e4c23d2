import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { createPostbox, type Postbox } from '#testing/postbox.ts';
import { refusal } from '#testing/refusal.ts';
import { knowsDevice } from '../../accounts/known-devices.ts';
import type { AuthTables } from '../../store/tables.ts';
import { hashSecret } from '../../tokens/secrets.ts';
import { MAX_WAITING } from './later.ts';

const HOUR = 3_600_000;
const NEW_PASSWORD = 'tea at seven, not at eight';

describe.each(eachStore)('forgotten passwords on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let postbox: Postbox;
  let people = 0;

  beforeAll(async () => {
    store = await open();
    postbox = createPostbox();
    kit = await createTestAuth(store, { features: [postbox.feature] });
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });
  beforeEach(() => {
    postbox.mails.length = 0;
    postbox.isOn = true;
  });

  const newPerson = async (): Promise<{ name: string; email: string; browser: TestBrowser; id: string }> => {
    people += 1;
    const name = `person${people}`;
    const browser = kit.openBrowser();
    await browser.register(name);
    const { id } = await browser.call().user.me();
    // All but the confirmation of the sign-up.
    postbox.mails.splice(0, Infinity, ...postbox.mails.filter(({ kind }) => kind !== 'confirm_address'));
    return { name, email: `${name}@mail.example`, browser, id };
  };

  /** Asks for a link, and waits for what the answer does not wait for. */
  const request = async (email: string): Promise<void> => {
    expect(await kit.openBrowser().call().auth.requestPasswordReset({ email })).toEqual({ ok: true });
    await kit.auth.work();
  };

  const reset = (token: string, password = NEW_PASSWORD, browser = kit.openBrowser()) =>
    browser.call().auth.resetPassword({ token, password });

  const login = (username: string, password: string, browser = kit.openBrowser()) =>
    browser.call().auth.login({ username, password });

  test('a link sets a new password, signs nobody in, ends every session and confirms the address', async () => {
    const { name, email, browser, id } = await newPerson();
    const there = kit.openBrowser();
    await there.login(name);
    await request(email.toUpperCase());
    // To the address as it is kept, whatever was typed.
    expect(postbox.mails).toMatchObject([{ kind: 'reset', userId: id, to: email, username: name }]);
    const page = kit.openBrowser();
    expect(await reset(postbox.tokenOf('reset'), NEW_PASSWORD, page)).toEqual({ ok: true });
    expect([...page.cookies.keys()]).toEqual([]);
    expect(await refusal(browser.call().user.me())).toBe('session_revoked: password_changed');
    expect(await refusal(there.call().auth.refresh())).toBe('session_revoked: password_changed');
    expect(await refusal(login(name, TEST_PASSWORD))).toBe('invalid_credentials');
    expect((await login(name, NEW_PASSWORD)).user.emailVerified).toBe(true);
    expect(kit.events.filter(({ event }) => /^(?:password|email)\./.test(event)).map(({ event }) => event)).toEqual([
      'password.reset_requested',
      'email.confirmed',
      'password.reset',
    ]);
  });

  test('a token is good once, for an hour, for this alone, and for an account as it was', async () => {
    const { email, browser, id } = await newPerson();
    const invalid = (token: string) => refusal(reset(token));
    await request(email);
    const used = postbox.tokenOf('reset');
    await reset(used);
    expect(await invalid(used)).toBe('token_invalid');

    await request(email);
    kit.clock.advance(HOUR);
    expect(await invalid(postbox.tokenOf('reset'))).toBe('token_invalid');

    await request(email);
    const otherPurpose = postbox.tokenOf('reset');
    expect(await refusal(browser.call().auth.verifyEmail({ token: otherPurpose, password: 'x' }))).toBe(
      'token_invalid',
    );
    expect(await refusal(browser.call().auth.revertEmail({ token: otherPurpose, password: 'x' }))).toBe(
      'token_invalid',
    );

    await kit.services.accountChanges.grantRole({ id: 'test', address: null, userAgent: null }, id, 'admin');
    expect(await invalid(otherPurpose)).toBe('token_invalid');

    await request(email);
    await kit.services.accountChanges.disable({ id: 'test', address: null, userAgent: null }, id, { isForced: true });
    expect(await invalid(postbox.tokenOf('reset'))).toBe('token_invalid');
    await request(email);
    expect(postbox.to(email)).toHaveLength(4);

    const gone = await newPerson();
    await request(gone.email);
    await store.database.db
      .withTables<{ auth_users: { id: string } }>()
      .deleteFrom('auth_users')
      .where('id', '=', gone.id)
      .execute();
    expect(await invalid(postbox.tokenOf('reset', gone.email))).toBe('token_invalid');
    for (const token of ['x', 'x'.repeat(43), ` ${used} `, '\0']) expect(await invalid(token)).toBe('token_invalid');
  });

  test('another address that was asked for before is not confirmed after it, not even by the owner', async () => {
    const { name, email, browser } = await newPerson();
    const theirs = `thief-of-${email}`;
    await browser.call().user.changeEmail({ email: theirs });
    await request(email);
    await reset(postbox.tokenOf('reset'));
    const owner = kit.openBrowser();
    await login(name, NEW_PASSWORD, owner);
    const pressed = owner.call().auth.verifyEmail({ token: postbox.tokenOf('confirm_new_address', theirs) });
    expect(await refusal(pressed)).toBe('token_invalid');
  });

  test('of a hundred at once one sets its password', async () => {
    for (let round = 0; round < (isHeavy ? 10 : 1); round += 1) {
      const { name, email } = await newPerson();
      await request(email);
      const token = postbox.tokenOf('reset');
      const passwords = Array.from({ length: isHeavy ? 100 : 20 }, (_, index) => `a password that is number ${index}`);
      const results = await Promise.allSettled(passwords.map((password) => reset(token, password)));
      const winners = passwords.filter((_, index) => results[index]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      await login(name, winners[0] ?? '');
    }
  }, 120_000);

  test('a password that is refused uses nothing up, however often', async () => {
    const { name, email } = await newPerson();
    await request(email);
    const token = postbox.tokenOf('reset');
    for (let tries = 0; tries < 7; tries += 1) {
      expect(await refusal(reset(token, 'password1'))).toBe('password_too_common');
      expect(await refusal(reset(token, 'short'))).toBe('BAD_REQUEST');
    }
    await reset(token);
    await login(name, NEW_PASSWORD);
  });

  test('three links are alive at once: a fourth ends the oldest', async () => {
    const { email } = await newPerson();
    const tokens: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      await request(email);
      tokens.push(postbox.tokenOf('reset'));
      kit.clock.advance(1000);
    }
    expect(await refusal(reset(tokens[0] ?? ''))).toBe('token_invalid');
    await reset(tokens[1] ?? '');
    // What is done by one is done: the others rested on what the account was before.
    expect(await refusal(reset(tokens[2] ?? ''))).toBe('token_invalid');
  });

  test('whether there is an account cannot be told from the answer, and nothing is mailed to a stranger', async () => {
    const { email } = await newPerson();
    const answers = [];
    for (const typed of [email, 'nobody@mail.example']) {
      const browser = kit.openBrowser();
      answers.push({ answer: await browser.call().auth.requestPasswordReset({ email: typed }), jar: browser.cookies });
    }
    expect(answers[0]).toEqual(answers[1]);
    await kit.auth.work();
    expect(postbox.mails.map(({ to }) => to)).toEqual([email]);
    postbox.isOn = false;
    for (const typed of [email, 'nobody@mail.example']) {
      expect(await refusal(kit.openBrowser().call().auth.requestPasswordReset({ email: typed }))).toBe(
        'mail_unavailable',
      );
    }
  });

  test('the answer waits for no look at an account, of which so many wait: those beyond are dropped, and told of', async () => {
    const { email } = await newPerson();
    const { accounts } = kit.services;
    const find = accounts.findByIdentifier;
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    accounts.findByIdentifier = async (identifier) => {
      await gate;
      return await find(identifier);
    };
    const ask = (address: string) => kit.openBrowser().call().auth.requestPasswordReset({ email: address });
    const dropped = () => kit.events.filter(({ event }) => event === 'password.reset_dropped');
    expect(await ask(email)).toEqual({ ok: true });
    for (let waiting = 1; waiting < MAX_WAITING; waiting += 1) await ask('nobody@mail.example');
    expect(postbox.mails).toEqual([]);
    expect(dropped()).toEqual([]);
    expect(await ask(email)).toEqual({ ok: true });
    expect(dropped()).toEqual([
      { event: 'password.reset_dropped', ip: '192.0.2.1', userAgent: 'test', requestId: expect.any(String) },
    ]);
    release();
    await kit.auth.work();
    accounts.findByIdentifier = find;
    expect(postbox.to(email)).toHaveLength(1);
    await request(email);
    expect(postbox.to(email)).toHaveLength(2);
  });

  test('a reset that races a login or a refresh leaves no session of before', async () => {
    for (let round = 0; round < (isHeavy ? 100 : 8); round += 1) {
      const { name, email, browser } = await newPerson();
      await request(email);
      kit.clock.advance(60_000);
      const late = kit.openBrowser();
      await Promise.allSettled([
        browser.refresh(),
        reset(postbox.tokenOf('reset')),
        late.login(name),
        browser.refresh(),
      ]);
      for (const one of [browser, late]) {
        if (one.accessToken === undefined) continue;
        expect(await refusal(one.call().user.me())).toMatch(/^session_revoked: password_changed|^access_token/);
        expect(await refusal(one.call().auth.refresh())).toMatch(/^session_revoked: password_changed|^refresh_token/);
      }
      await login(name, NEW_PASSWORD);
    }
  }, 120_000);

  test('it forgets known devices but this one, and clears what a stranger has used up', async () => {
    const limited = await createTestAuth(store, { rateLimit: true, features: [postbox.feature], clock: kit.clock });
    const { name, email, browser } = await newPerson();
    const page = limited.openBrowser();
    page.cookies = browser.cookies;
    for (let tries = 0; tries < 12; tries += 1) {
      await limited
        .openBrowser()
        .call()
        .auth.login({ username: name, password: 'wrong' })
        .catch(() => undefined);
    }
    expect(await refusal(limited.openBrowser().call().auth.login({ username: name, password: 'x' }))).toBe(
      'rate_limited',
    );
    await limited.openBrowser().call().auth.requestPasswordReset({ email });
    await limited.auth.work();
    await page.call().auth.resetPassword({ token: postbox.tokenOf('reset'), password: NEW_PASSWORD });
    await limited.openBrowser().call().auth.login({ username: name, password: NEW_PASSWORD });
    await limited.stop();
  });

  test('of the known devices this browser’s stays; one that is not known does not become so', async () => {
    const { name, email, browser, id } = await newPerson();
    const stranger = kit.openBrowser();
    await stranger.register(`${name}s`);
    const deviceOf = (of: TestBrowser): string => hashSecret(of.cookies.get('__Host-device')?.[0] ?? '');
    const knownAfterResetBy = async (page: TestBrowser): Promise<string[]> => {
      await request(email);
      await reset(postbox.tokenOf('reset', email), NEW_PASSWORD, page);
      const { devices } = await store.database.db
        .withTables<AuthTables>()
        .selectFrom('auth_users')
        .select('devices')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return [browser, stranger].map(deviceOf).filter((hash) => knowsDevice({ devices }, hash));
    };
    await login(name, TEST_PASSWORD, kit.openBrowser());
    expect(await knownAfterResetBy(browser)).toEqual([deviceOf(browser)]);
    expect(await knownAfterResetBy(stranger)).toEqual([]);
    expect(await knownAfterResetBy(browser)).toEqual([]);
  });

  test('of fifty requests from fifty addresses three are mailed, and all are answered alike', async () => {
    const limited = await createTestAuth(store, { rateLimit: true, features: [postbox.feature], clock: kit.clock });
    const { email } = await newPerson();
    const ask = async (to: string, address: string): Promise<string> => {
      const context = limited.openBrowser().context();
      const call = limited.callWith({ ...context, request: { ...context.request, address } });
      const answer = await call.auth.requestPasswordReset({ email: to }).then(JSON.stringify, () => 'refused');
      await limited.auth.work();
      return answer;
    };
    for (let asked = 0; asked < 50; asked += 1) expect(await ask(email, `192.0.2.${asked}`)).toBe('{"ok":true}');
    expect(postbox.to(email)).toHaveLength(3);
    // By one address, to whomever: refused, since that tells nothing.
    const answers: string[] = [];
    for (let asked = 0; asked < 21; asked += 1) answers.push(await ask(`nobody${asked}@mail.example`, '198.51.100.1'));
    expect(answers.filter((answer) => answer === 'refused')).toHaveLength(1);
    await limited.stop();
  });

  test('guessing tokens is slowed down by address, and right ones are not counted', async () => {
    const limited = await createTestAuth(store, { rateLimit: true, features: [postbox.feature], clock: kit.clock });
    const guess = () =>
      refusal(limited.openBrowser().call().auth.resetPassword({ token: 'x', password: NEW_PASSWORD }));
    const answers: string[] = [];
    for (let guesses = 0; guesses < 51; guesses += 1) answers.push(await guess());
    expect(answers.filter((answer) => answer === 'token_invalid')).toHaveLength(50);
    expect(answers.at(-1)).toBe('rate_limited');
    await limited.stop();
  });
});
