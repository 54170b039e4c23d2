import type { Locator, Page } from '@playwright/test';
import { recordApiCalls } from './support/api-calls.ts';
import { keptNotes, noteOf, sendNote } from './support/notes.ts';
import { arriveNew, expectSignedIn, fillSignUp, somebody } from './support/person.ts';
import { openNotesPage } from './support/probe.ts';
import { expect, test } from './support/test.ts';

const NOTE = 'a note of the first';

const signUpOn = (page: Page, person: ReturnType<typeof somebody>) =>
  page.evaluate((who) => window.notesPage.signUp(who), person);

for (const { name, inAnotherTab, bySignOut } of [
  { name: 'somebody else signs in, in this tab', inAnotherTab: false, bySignOut: false },
  { name: 'they sign out, and somebody else signs in, in this tab', inAnotherTab: false, bySignOut: true },
  { name: 'somebody else signs in, in another tab', inAnotherTab: true, bySignOut: false },
  { name: 'they sign out, and somebody else signs in, in another tab', inAnotherTab: true, bySignOut: true },
]) {
  test(`a note that waits to be retried when its user leaves is in nobody’s account (${name})`, async ({
    page,
    context,
    server,
  }) => {
    // The time of all tabs goes on by small steps, far from the second after which the note is retried.
    await page.clock.install();
    await openNotesPage(page, server.url);
    const showsInTime = (locator: Locator, text: string | RegExp): Promise<void> =>
      expect
        .poll(async () => {
          await page.clock.runFor(5);
          return locator.textContent();
        })
        .toMatch(text);

    const first = somebody();
    await signUpOn(page, first);
    await expect(page.getByRole('list', { name: 'Notes' })).toBeAttached();
    await page.route('**/notes.create*', (route) => route.abort('connectionrefused'), { times: 1 });
    const calls = recordApiCalls(page);
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.getByRole('button', { name: 'Add' }).click();
    await showsInTime(page.getByRole('status'), 'pending, 1 failed');
    await expect(page.getByText(NOTE)).toBeVisible();

    const elsewhere = inAnotherTab ? await context.newPage() : page;
    if (inAnotherTab) await openNotesPage(elsewhere, server.url);
    if (bySignOut) {
      await elsewhere.evaluate(() => window.notesPage.signOut());
      await showsInTime(page.getByRole('heading'), 'anonymous');
      await showsInTime(page.getByRole('main'), /^anonymousAddidle, 0 failed$/);
    }
    const second = somebody();
    await signUpOn(elsewhere, second);
    await showsInTime(page.getByRole('heading'), second.username);
    await showsInTime(page.getByRole('main'), /Addidle, 0 failed$/);

    // Whatever waits for its time has it.
    await page.clock.runFor(60_000);
    await page.clock.resume();
    expect(await page.evaluate(() => window.notesPage.texts())).toEqual([]);
    await expect(page.getByRole('list', { name: 'Notes' })).toBeAttached();
    await expect(page.getByText(NOTE)).toHaveCount(0);
    expect(await calls.to('notes.create')).toEqual([{ procedures: ['notes.create'], status: undefined }]);
    expect(await keptNotes(server.url, first)).toEqual([]);
  });
}

for (const { name, inAnotherTab } of [
  { name: 'in this tab', inAnotherTab: false },
  { name: 'in another tab', inAnotherTab: true },
]) {
  test(`a note that is under way when its user leaves is in nobody’s account, and on nobody’s page (${name})`, async ({
    page,
    context,
    server,
  }) => {
    const first = await arriveNew(page);
    await page.route('**/notes.create*', () => undefined);
    await sendNote(page, NOTE);
    await expect(noteOf(page, NOTE)).toBeVisible();

    const elsewhere = inAnotherTab ? await context.newPage() : page;
    if (inAnotherTab) await elsewhere.goto('/');
    await elsewhere.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByText(NOTE)).toHaveCount(0);

    const second = somebody();
    await elsewhere.getByRole('link', { name: 'Create account' }).first().click();
    await fillSignUp(elsewhere, second);
    await expectSignedIn(page, second);
    await expect(page.getByLabel('New note')).toHaveValue('');
    await expect(noteOf(page, NOTE)).toHaveCount(0);

    for (const person of [first, second]) expect(await keptNotes(server.url, person)).toEqual([]);
  });
}
