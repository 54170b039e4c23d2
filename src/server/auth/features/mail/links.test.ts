import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { createPostbox, type Postbox } from '#testing/postbox.ts';
import { refusal } from '#testing/refusal.ts';
import { reasonOf } from '../../refusal.ts';
import type { PasswordTables } from '../passwords/password-tables.ts';

const DAY = 86_400_000;
const initiator = { id: 'test', address: null, userAgent: null };

interface Person {
  id: string;
  name: string;
  email: string;
  browser: TestBrowser;
}

describe.each(eachStore)('mailed links on $dialect', ({ open }) => {
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
    kit.events.length = 0;
  });

  const signedUp = async (): Promise<Person> => {
    people += 1;
    const name = `person${people}`;
    const browser = kit.openBrowser();
    await browser.register(name);
    const { id } = await browser.call().user.me();
    return { id, name, email: `${name}@mail.example`, browser };
  };

  const verify = (
    token: string,
    { browser = kit.openBrowser(), password }: { browser?: TestBrowser; password?: string } = {},
  ) => browser.call().auth.verifyEmail({ token, ...(password !== undefined && { password }) });

  const confirmed = async (): Promise<Person> => {
    const person = await signedUp();
    await verify(postbox.tokenOf('confirm_address', person.email), person);
    await person.browser.refresh();
    return person;
  };

  const emailOf = async ({ id }: Person): Promise<[string | null | undefined, boolean | undefined]> => {
    const user = await kit.auth.findUser(id);
    return [user?.email, user?.emailVerified];
  };

  const changeTo = async ({ browser }: Person, email: string): Promise<string> => {
    await browser.call().user.changeEmail({ email });
    return postbox.tokenOf('confirm_new_address', email);
  };

  /** Changes the address as its owner does, or a thief who has the session. */
  const changed = async (person: Person, email: string): Promise<void> => {
    await verify(await changeTo(person, email), person);
    await person.browser.refresh();
  };

  /** Null: none is given. */
  const revert = (token: string, password: string | null = TEST_PASSWORD) =>
    kit
      .openBrowser()
      .call()
      .auth.revertEmail({ token, ...(password !== null && { password }) });

  const eventNames = () => kit.events.map(({ event }) => event).filter((event) => event.startsWith('email.'));

  describe('a confirmation', () => {
    test('comes with the sign-up; in the session of the account it asks for nothing, and ends no session', async () => {
      const person = await signedUp();
      expect(postbox.mails).toMatchObject([{ kind: 'confirm_address', userId: person.id, to: person.email }]);
      expect(await emailOf(person)).toEqual([person.email, false]);
      const there = kit.openBrowser();
      await there.login(person.name);
      const cookies = new Map(person.browser.cookies);
      expect(await verify(postbox.tokenOf('confirm_address'), person)).toEqual({ ok: true });
      // Looked at, and not rotated.
      expect(person.browser.cookies).toEqual(cookies);
      expect(await emailOf(person)).toEqual([person.email, true]);
      expect(eventNames()).toEqual(['email.confirmed']);
      // Tokens say that it was not confirmed: they are stale, and both sessions go on.
      for (const browser of [person.browser, there]) {
        expect(await refusal(browser.call().user.me())).toBe('access_token_stale');
        await browser.refresh();
        expect((await browser.call().user.me()).emailVerified).toBe(true);
      }
    });

    test('elsewhere it asks for the password, which signs in; without one it is no try, and five wrong ones are all', async () => {
      const person = await signedUp();
      const token = postbox.tokenOf('confirm_address');
      const stranger = await signedUp();
      for (let tries = 0; tries < 7; tries += 1) {
        expect(await refusal(verify(token, { browser: stranger.browser }))).toBe('BAD_REQUEST');
      }
      for (let tries = 0; tries < 4; tries += 1) {
        expect(await refusal(verify(token, { password: 'wrong' }))).toBe('invalid_credentials');
      }
      const told = { event: 'login.refused', reason: 'invalid_credentials', userId: person.id };
      expect(kit.events.filter(({ event }) => event === told.event)).toMatchObject(Array(4).fill(told));
      expect(await emailOf(person)).toEqual([person.email, false]);
      const browser = kit.openBrowser();
      expect(await verify(token, { browser, password: TEST_PASSWORD })).toMatchObject({
        user: { id: person.id, emailVerified: true },
      });
      await browser.refresh();
      expect(await refusal(verify(token, { browser, password: TEST_PASSWORD }))).toBe('token_invalid');

      const other = await signedUp();
      const guessed = postbox.tokenOf('confirm_address');
      for (let tries = 0; tries < 5; tries += 1) {
        expect(await refusal(verify(guessed, { password: 'wrong' }))).toBe('invalid_credentials');
      }
      expect(await refusal(verify(guessed, other))).toBe('token_invalid');
    });

    test('is good once, a day, for this alone; it survives a new password, and nothing of a disabled account', async () => {
      const person = await signedUp();
      const token = postbox.tokenOf('confirm_address');
      const reset = kit.openBrowser().call().auth.resetPassword({ token, password: 'a new one for her' });
      expect(await refusal(reset)).toBe('token_invalid');
      expect(await refusal(revert(token))).toBe('token_invalid');
      kit.clock.advance(DAY);
      expect(await refusal(verify(token, person))).toBe('token_invalid');

      await person.browser.login(person.name);
      await person.browser.call().user.resendVerification();
      await kit.services.passwords.changes.setPassword(initiator, person.id, 'tea at seven, not eight');
      expect(await verify(postbox.tokenOf('confirm_address'), { password: 'tea at seven, not eight' })).toMatchObject({
        user: { emailVerified: true },
      });

      const disabled = await signedUp();
      await kit.services.accountChanges.disable(initiator, disabled.id);
      expect(await refusal(verify(postbox.tokenOf('confirm_address'), { password: TEST_PASSWORD }))).toBe(
        'token_invalid',
      );
    });

    test('of a hundred at once one confirms', async () => {
      for (let round = 0; round < (isHeavy ? 20 : 2); round += 1) {
        const person = await signedUp();
        const token = postbox.tokenOf('confirm_address');
        const calls = Array.from({ length: isHeavy ? 100 : 20 }, () => verify(token, person));
        const results = await Promise.allSettled(calls);
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      }
    }, 60_000);

    test('is mailed again where it is asked for: three are alive, and one who is confirmed gets none', async () => {
      const person = await signedUp();
      const first = postbox.tokenOf('confirm_address');
      for (let asked = 0; asked < 3; asked += 1) {
        kit.clock.advance(1000);
        await person.browser.call().user.resendVerification();
      }
      expect(postbox.to(person.email)).toHaveLength(4);
      expect(await refusal(verify(first, person))).toBe('token_invalid');
      await verify(postbox.tokenOf('confirm_address'), person);
      await person.browser.refresh();
      expect(await person.browser.call().user.resendVerification()).toEqual({ ok: true });
      expect(postbox.to(person.email)).toHaveLength(4);
      postbox.isOn = false;
      expect(await refusal(person.browser.call().user.resendVerification())).toBe('mail_unavailable');
    });
  });

  describe('a change of address', () => {
    test('is made by the new one, and tells the old one; both are hers for as long as it can be taken back', async () => {
      const person = await confirmed();
      const token = await changeTo(person, 'Ada.New@mail.example');
      expect(await emailOf(person)).toEqual([person.email, true]);
      await verify(token, person);
      expect(await emailOf(person)).toEqual(['Ada.New@mail.example', true]);
      expect(postbox.to(person.email).at(-1)).toMatchObject({
        kind: 'address_changed',
        details: { newAddress: 'Ada.New@mail.example' },
      });
      expect(eventNames()).toEqual(['email.confirmed', 'email.change_requested', 'email.changed']);
      await kit.openBrowser().call().auth.login({ username: 'ada.new@mail.example', password: TEST_PASSWORD });
      const taking = { username: `taker${people}`, email: person.email, password: TEST_PASSWORD };
      expect(await refusal(kit.openBrowser().call().auth.register(taking))).toBe('email_taken');
      kit.clock.advance(7 * DAY);
      await kit.openBrowser().call().auth.register(taking);
    });

    test('of what was asked for the last counts, and one that is taken is answered alike', async () => {
      const [person, owner] = [await confirmed(), await confirmed()];
      const first = await changeTo(person, `first.${person.email}`);
      const again = await changeTo(person, `FIRST.${person.email}`);
      const second = await changeTo(person, `second.${person.email}`);
      for (const token of [first, again]) expect(await refusal(verify(token, person))).toBe('token_invalid');
      await verify(second, person);
      await person.browser.refresh();
      expect(await person.browser.call().user.changeEmail({ email: owner.email })).toEqual({ ok: true });
      expect(await refusal(verify(postbox.tokenOf('confirm_new_address', owner.email), person))).toBe('email_taken');
      expect(await emailOf(owner)).toEqual([owner.email, true]);
    });

    test('is taken back by asking for the address that one has, which mails nothing', async () => {
      const person = await confirmed();
      const pending = await changeTo(person, `typo.${person.email}`);
      postbox.mails.length = 0;
      expect(await person.browser.call().user.changeEmail({ email: person.email.toUpperCase() })).toEqual({ ok: true });
      expect(await refusal(verify(pending, person))).toBe('token_invalid');
      expect(postbox.mails).toEqual([]);
      expect(await emailOf(person)).toEqual([person.email, true]);
    });

    test('is taken back by asking for the confirmation of a claim once more, and not by one that was too many', async () => {
      const person = await signedUp();
      const pending = await changeTo(person, `typo.${person.email}`);
      await person.browser.call().user.resendVerification();
      expect(await refusal(verify(pending, person))).toBe('token_invalid');
      await verify(postbox.tokenOf('confirm_address', person.email), person);
      expect(await emailOf(person)).toEqual([person.email, true]);

      const limited = await createTestAuth(store, { rateLimit: true, features: [postbox.feature], clock: kit.clock });
      const patient = await signedUp();
      const browser = limited.openBrowser();
      await browser.login(patient.name);
      for (let asked = 0; asked < 3; asked += 1) await browser.call().user.resendVerification();
      const other = await changeTo(patient, `other.${patient.email}`);
      await browser.call().user.resendVerification();
      await verify(other, patient);
      expect(await emailOf(patient)).toEqual([`other.${patient.email}`, true]);
      await limited.stop();
    });

    test('takes over what is only claimed: its account keeps its name and password, and is nobody else', async () => {
      const squatter = await signedUp();
      const person = await confirmed();
      await changed(person, squatter.email);
      expect(await emailOf(person)).toEqual([squatter.email, true]);
      expect(await emailOf(squatter)).toEqual([null, false]);
      expect(eventNames()).toContain('email.displaced');
      await squatter.browser.login(squatter.name);
      expect((await squatter.browser.call().user.me()).email).toBeNull();
      // His link confirms nothing any more.
      const late = postbox.tokenOf('confirm_address', squatter.email);
      expect(await refusal(verify(late, squatter))).toBe('email_taken');
    });

    test('of a claim nothing can be taken back: its mailbox may be a stranger’s', async () => {
      const person = await signedUp();
      await changed(person, `mine.${person.email}`);
      expect(postbox.to(person.email).map(({ kind }) => kind)).toEqual(['confirm_address']);
      await kit
        .openBrowser()
        .call()
        .auth.register({
          username: `stranger${people}`,
          email: person.email,
          password: TEST_PASSWORD,
        });
    });

    test('one that somebody registers with at the same moment is had by one of them alone', async () => {
      for (let round = 0; round < (isHeavy ? 100 : 10); round += 1) {
        const person = await signedUp();
        const email = `race.${person.email}`;
        const token = await changeTo(person, email);
        const registering = kit
          .openBrowser()
          .call()
          .auth.register({ username: `racer${people}`, email, password: TEST_PASSWORD });
        const [confirming] = await Promise.allSettled([verify(token, person), registering]);
        if (confirming.status === 'rejected') expect(reasonOf(confirming.reason)).toBe('unavailable');
        expect(await kit.services.accounts.findByIdentifier(email)).toBeDefined();
      }
    }, 60_000);

    test('two who claim each other’s addresses, and confirm them at once, get them or go on as they were', async () => {
      for (let round = 0; round < (isHeavy ? 100 : 5); round += 1) {
        const [one, other] = [await signedUp(), await signedUp()];
        const tokens = [await changeTo(one, other.email), await changeTo(other, one.email)];
        const results = await Promise.allSettled([verify(tokens[0] ?? '', one), verify(tokens[1] ?? '', other)]);
        expect(results.map(({ status }) => status)).toContain('fulfilled');
        const [ofOne, ofOther] = [await emailOf(one), await emailOf(other)];
        expect(ofOne[0] ?? 'none').not.toBe(ofOther[0] ?? null);
      }
    }, 60_000);
  });

  describe('a way back', () => {
    const stolen = async () => {
      const owner = await confirmed();
      const thief: Person = { ...owner, browser: kit.openBrowser() };
      await thief.browser.login(owner.name);
      await changed(thief, `thief.${owner.email}`);
      return { owner, thief, token: postbox.tokenOf('address_changed', owner.email) };
    };

    test('puts address and password back after a thief changed both, and the address once more', async () => {
      const { owner, thief, token } = await stolen();
      await kit.services.passwords.changes.setPassword(initiator, owner.id, 'the password of a thief');
      await thief.browser.call().auth.login({ username: owner.name, password: 'the password of a thief' });
      thief.browser.accessToken = (
        await thief.browser.call().auth.login({ username: owner.name, password: 'the password of a thief' })
      ).accessToken;
      await changed(thief, `other.${owner.email}`);
      const thiefsWayBack = postbox.tokenOf('address_changed', `thief.${owner.email}`);
      const pending = await changeTo(thief, `third.${owner.email}`);
      kit.clock.advance(60_000);

      expect(await revert(token)).toEqual({ ok: true });
      expect(await emailOf(owner)).toEqual([owner.email, true]);
      expect(await refusal(thief.browser.call().user.me())).toBe('session_revoked: email_reverted');
      expect(await refusal(thief.browser.call().auth.refresh())).toBe('session_revoked: email_reverted');
      expect(
        await refusal(thief.browser.call().auth.login({ username: owner.name, password: 'the password of a thief' })),
      ).toBe('invalid_credentials');
      expect(await refusal(verify(pending, { password: TEST_PASSWORD }))).toBe('token_invalid');
      expect(await refusal(revert(thiefsWayBack, 'the password of a thief'))).toBe('token_invalid');
      await owner.browser.login(owner.name);
      // Whoever knew that password may still know it.
      const reset = postbox.tokenOf('reset', owner.email);
      await kit.openBrowser().call().auth.resetPassword({ token: reset, password: 'one that is hers alone' });
      await kit.openBrowser().call().auth.login({ username: owner.name, password: 'one that is hers alone' });
      expect(eventNames().at(-1)).toBe('email.reverted');
    });

    test('asks for the password from before: who has the old mailbox now cannot take an honest change back', async () => {
      const { owner, token } = await stolen();
      for (let tries = 0; tries < 7; tries += 1) expect(await refusal(revert(token, null))).toBe('BAD_REQUEST');
      for (let tries = 0; tries < 5; tries += 1) {
        expect(await refusal(revert(token, 'a guess'))).toBe('invalid_credentials');
        expect(kit.events.at(-1)).toMatchObject({ event: 'login.refused', userId: owner.id });
      }
      expect(await refusal(revert(token))).toBe('token_invalid');
      expect((await emailOf(owner))[0]).toBe(`thief.${owner.email}`);
    });

    /** As somebody does it who has the session and the password. */
    const changePassword = async ({ browser }: Person, currentPassword: string, newPassword: string): Promise<void> => {
      browser.accessToken = (await browser.call().auth.changePassword({ currentPassword, newPassword })).accessToken;
    };
    const replacedOf = ({ id }: Person) =>
      store.database.db
        .withTables<PasswordTables>()
        .selectFrom('auth_replaced_passwords')
        .select('hash')
        .where('user_id', '=', id)
        .execute();

    test('takes the password that a thief changed before the address, however often, and puts that one back', async () => {
      const owner = await confirmed();
      const thief: Person = { ...owner, browser: kit.openBrowser() };
      await thief.browser.login(owner.name);
      let [before, after] = [TEST_PASSWORD, ''];
      for (let changes = 0; changes < 7; changes += 1) {
        kit.clock.advance(1000);
        after = `thief’s password no ${changes}`;
        await changePassword(thief, before, after);
        before = after;
      }
      await changed(thief, `thief.${owner.email}`);
      await revert(postbox.tokenOf('address_changed', owner.email));
      expect(await emailOf(owner)).toEqual([owner.email, true]);
      await owner.browser.login(owner.name);
      const entering = thief.browser.call().auth.login({ username: owner.name, password: after });
      expect(await refusal(entering)).toBe('invalid_credentials');
      expect(await replacedOf(owner)).toEqual([]);
    });

    test('is tried five times, also by somebody who leaves while a password is compared with the second', async () => {
      const owner = await confirmed();
      await changePassword(owner, TEST_PASSWORD, 'tea at seven, not eight');
      await changed(owner, `new.${owner.email}`);
      const token = postbox.tokenOf('address_changed', owner.email);
      const guess = () => {
        const browser = kit.openBrowser();
        let looks = 0;
        Object.defineProperty(browser, 'isGone', { get: () => ++looks > 1 });
        return refusal(browser.call().auth.revertEmail({ token, password: 'one of many guesses' }));
      };
      for (let tries = 0; tries < 5; tries += 1) expect(await guess()).toBe('invalid_credentials');
      expect(await guess()).toBe('token_invalid');
    });

    test('and none that was replaced more than a week before the change, or by a reset or an administrator', async () => {
      const owner = await confirmed();
      await changePassword(owner, TEST_PASSWORD, 'tea at seven, not eight');
      kit.clock.advance(7 * DAY - 1);
      await kit.services.purging.once();
      expect(await replacedOf(owner)).toHaveLength(1);
      kit.clock.advance(1);
      const entering = { username: owner.name, password: 'tea at seven, not eight' };
      owner.browser.accessToken = (await owner.browser.call().auth.login(entering)).accessToken;
      await changed(owner, `new.${owner.email}`);
      const token = postbox.tokenOf('address_changed', owner.email);
      expect(await refusal(revert(token))).toBe('invalid_credentials');
      await kit.services.purging.once();
      expect(await replacedOf(owner)).toEqual([]);
      await revert(token, 'tea at seven, not eight');

      for (const clear of [
        async (person: Person) => {
          await person.browser.call().auth.requestPasswordReset({ email: person.email });
          await kit.auth.work();
          const reset = { token: postbox.tokenOf('reset', person.email), password: 'one of her own' };
          await kit.openBrowser().call().auth.resetPassword(reset);
        },
        (person: Person) => kit.services.passwords.changes.setPassword(initiator, person.id, 'one of her own'),
      ]) {
        const person = await confirmed();
        await changePassword(person, TEST_PASSWORD, 'known to somebody else');
        expect(await replacedOf(person)).toHaveLength(1);
        await clear(person);
        expect(await replacedOf(person)).toEqual([]);
      }
    });

    test('nor is an honest change of both taken back by who has the old mailbox now', async () => {
      const owner = await confirmed();
      await changePassword(owner, TEST_PASSWORD, 'tea at seven, not eight');
      await changed(owner, `new.${owner.email}`);
      const token = postbox.tokenOf('address_changed', owner.email);
      for (let tries = 0; tries < 5; tries += 1) {
        expect(await refusal(revert(token, `a guess no ${tries}`))).toBe('invalid_credentials');
      }
      expect(await refusal(revert(token))).toBe('token_invalid');
      expect(await emailOf(owner)).toEqual([`new.${owner.email}`, true]);
      await kit.openBrowser().call().auth.login({ username: owner.name, password: 'tea at seven, not eight' });
    });

    test('is good for seven days, once, whatever has changed since, and is none of a disabled account’s', async () => {
      const { owner, token } = await stolen();
      await kit.services.accountChanges.grantRole(initiator, owner.id, 'admin');
      await kit.services.accountChanges.disable(initiator, owner.id, { isForced: true });
      expect(await refusal(revert(token))).toBe('token_invalid');
      await kit.services.accountChanges.enable(initiator, owner.id);
      kit.clock.advance(7 * DAY - 1);
      await revert(token);
      expect(await refusal(revert(token))).toBe('token_invalid');
      const late = await stolen();
      kit.clock.advance(7 * DAY);
      expect(await refusal(revert(late.token))).toBe('token_invalid');
    });

    test('of a hundred at once one takes it back', async () => {
      const { token } = await stolen();
      const results = await Promise.allSettled(Array.from({ length: isHeavy ? 100 : 20 }, () => revert(token)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('an older one is still the owner’s', async () => {
      const owner = await confirmed();
      await changed(owner, `second.${owner.email}`);
      kit.clock.advance(1000);
      await changed(owner, `third.${owner.email}`);
      kit.clock.advance(1000);
      await revert(postbox.tokenOf('address_changed', `second.${owner.email}`));
      expect((await emailOf(owner))[0]).toBe(`second.${owner.email}`);
      await revert(postbox.tokenOf('address_changed', owner.email));
      expect((await emailOf(owner))[0]).toBe(owner.email);
    });
  });

  test('a password that nobody looks at is no try, however often: the caller has left, or too many wait', async () => {
    const person = await signedUp();
    const confirmation = postbox.tokenOf('confirm_address');
    const leaving = kit.openBrowser();
    leaving.isGone = true;
    const gone = { code: 'CLIENT_CLOSED_REQUEST' };
    for (let tries = 0; tries < 6; tries += 1) {
      await expect(verify(confirmation, { browser: leaving, password: TEST_PASSWORD })).rejects.toMatchObject(gone);
    }
    await verify(confirmation, { password: TEST_PASSWORD });
    await person.browser.refresh();

    await changed(person, `new-${person.email}`);
    const wayBack = postbox.tokenOf('address_changed', person.email);
    for (let tries = 0; tries < 6; tries += 1) {
      const reverting = leaving.call().auth.revertEmail({ token: wayBack, password: TEST_PASSWORD });
      await expect(reverting).rejects.toMatchObject(gone);
    }
    await revert(wayBack);
    expect(await emailOf(person)).toEqual([person.email, true]);
  });

  test('a mail for one recipient is asked for three times, and then answered as if it were sent', async () => {
    const limited = await createTestAuth(store, { rateLimit: true, features: [postbox.feature], clock: kit.clock });
    const person = await signedUp();
    const browser = limited.openBrowser();
    await browser.login(person.name);
    for (let asked = 0; asked < 5; asked += 1) {
      expect(await browser.call().user.changeEmail({ email: `x.${person.email}` })).toEqual({ ok: true });
    }
    expect(postbox.to(`x.${person.email}`)).toHaveLength(3);
    await limited.stop();
  });

  test('the mail of a registration is one of the twenty that an address has: those beyond are made without it', async () => {
    const limited = await createTestAuth(store, { rateLimit: true, features: [postbox.feature], clock: kit.clock });
    // What was counted before is forgotten.
    kit.clock.advance(DAY);
    const browser = limited.openBrowser();
    for (let count = 0; count < 20; count += 1) await limited.openBrowser().register(`crowd${count}`);
    await browser.register('late_comer');
    expect(postbox.mails).toHaveLength(20);
    expect(await refusal(browser.call().user.resendVerification())).toBe('rate_limited');
    kit.clock.advance(30_000);
    await browser.call().user.resendVerification();
    expect(postbox.to('late_comer@mail.example')).toHaveLength(1);
    await limited.stop();
  });

  test('what mails nothing counts for nobody: asking for the address that one has, and has confirmed', async () => {
    const limited = await createTestAuth(store, { rateLimit: true, features: [postbox.feature], clock: kit.clock });
    // What was counted before is forgotten.
    kit.clock.advance(DAY);
    const person = await confirmed();
    const browser = limited.openBrowser();
    await browser.login(person.name);
    for (let asked = 0; asked < 15; asked += 1) {
      await browser.call().user.changeEmail({ email: person.email.toUpperCase() });
      await browser.call().user.resendVerification();
    }
    for (let asked = 0; asked < 20; asked += 1) {
      await browser.call().user.changeEmail({ email: `x${asked}.${person.email}` });
    }
    const beyond = browser.call().user.changeEmail({ email: `y.${person.email}` });
    expect(await refusal(beyond)).toBe('rate_limited');
    // It tells nothing that mail is off, and that is said first.
    postbox.isOn = false;
    expect(await refusal(browser.call().user.changeEmail({ email: person.email }))).toBe('mail_unavailable');
    await limited.stop();
  });
});
