import { cookieNames } from 'latchkey/shared';
import { addNote, noteOf } from './support/notes.ts';
import { arriveNew, expectSignedIn, signIn } from './support/person.ts';
import { refreshCookie } from './support/refresh-cookie.ts';
import { BROWSERS, openTabs, takeAway } from './support/tabs.ts';
import { expect, test } from './support/test.ts';

for (const { name, lacks } of BROWSERS) {
  test(`a sign-out, a sign-in and another user in one tab reach the other (${name})`, async ({
    page,
    context,
    newVisitor,
  }) => {
    const elsewhere = await (await newVisitor()).newPage();
    const grace = await arriveNew(elsewhere);
    await addNote(elsewhere, 'a note of hers');

    await takeAway(context, lacks);
    const ada = await arriveNew(page);
    await addNote(page, 'a note of mine');
    const [other] = await openTabs(context, 1, '/');
    if (other === undefined) throw new Error('There is no other tab.');
    await expect(noteOf(other, 'a note of mine')).toBeVisible();

    await page.bringToFront();
    await page.getByRole('button', { name: 'Sign out' }).click();
    // It shows the welcome, or the form with the reason if its stream was the first to tell.
    await expect(other.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
    await expect(other.getByText('a note of mine')).toHaveCount(0);

    await signIn(page, ada);
    await expectSignedIn(other, ada);
    await expect(noteOf(other, 'a note of mine')).toBeVisible();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, grace);
    await expectSignedIn(other, grace);
    await expect(noteOf(other, 'a note of hers')).toBeVisible();
    await expect(other.getByText('a note of mine')).toHaveCount(0);
  });

  test(`a sign-out that does not get through holds in every tab and over a reload, and ends the session later (${name})`, async ({
    page,
    context,
    server,
  }) => {
    await takeAway(context, lacks);
    await arriveNew(page);
    const [other] = await openTabs(context, 1, '/');
    if (other === undefined) throw new Error('There is no other tab.');
    await expect(other.getByRole('button', { name: 'Sign out' })).toBeVisible();
    const cookie = await refreshCookie(context, server.url);

    await context.route('**/api/trpc/**', (route) => route.abort('connectionrefused'));
    await page.bringToFront();
    await page.getByRole('button', { name: 'Sign out' }).click();
    for (const tab of [page, other]) {
      await expect(tab.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
      await tab.reload();
      await expect(tab.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
    }

    await context.unroute('**/api/trpc/**');
    const answerToCookie = async (): Promise<string> => {
      const response = await fetch(`${server.url}/api/trpc/auth.refresh`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: server.url,
          cookie: `${cookieNames(new URL(server.url)).refresh}=${cookie}`,
        },
      });
      return response.text();
    };
    // The page tries further and further apart; a reload tries at once.
    await page.reload();
    await expect.poll(answerToCookie).toContain('"reason":"session_revoked"');
    await expect.poll(() => refreshCookie(context, server.url)).toBeUndefined();
    await page.reload();
    await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
  });
}
