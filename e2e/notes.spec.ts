import { recordApiCalls } from './support/api-calls.ts';
import { addNote, deleteNote, noteOf, sendNote } from './support/notes.ts';
import { arriveNew } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('a note is added, is there after a reload, and is deleted', async ({ page }) => {
  await arriveNew(page);
  const text = 'milk & <b>bread</b>';
  await addNote(page, text);
  await expect(page.getByLabel('New note')).toHaveValue('');

  await page.reload();
  await expect(noteOf(page, text)).toBeVisible();
  await deleteNote(page, text);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await expect(noteOf(page, text)).toHaveCount(0);
});

test('a note is shown before the server has answered, and taken back when it refuses', async ({ page }) => {
  await arriveNew(page);
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/api/trpc/notes.create**', async (route) => {
    await held;
    await route.abort('connectionfailed');
  });
  await sendNote(page, 'too early');
  await expect(noteOf(page, 'too early')).toBeVisible();
  letGo();
  await expect(page.getByRole('alert').filter({ hasText: /./ }).first()).toBeVisible();
  await expect(noteOf(page, 'too early')).toHaveCount(0);
});

test('notes come in pages, newest first', async ({ page, server }) => {
  const authorised = page.waitForRequest((request) => 'authorization' in request.headers());
  await arriveNew(page);
  const { authorization = '' } = (await authorised).headers();
  for (let number = 1; number <= 60; number += 1) {
    const response = await page.request.post(`${server.url}/api/trpc/notes.create`, {
      headers: { authorization, origin: server.url },
      data: { text: `note number ${number}.` },
    });
    expect(response.status()).toBe(200);
  }

  await page.reload();
  const items = noteOf(page, 'note number');
  await expect(items.first()).toContainText('note number 60.');
  const older = page.getByRole('button', { name: /more|older/i });
  let shown = await items.count();
  expect(shown).toBeLessThan(60);
  while (shown < 60) {
    const calls = recordApiCalls(page);
    await older.click();
    await expect.poll(() => items.count()).toBeGreaterThan(shown);
    shown = await items.count();
    expect(await calls.to('notes.list')).toEqual([{ procedures: ['notes.list'], status: 200 }]);
  }
  await expect(items).toHaveCount(60);
  await expect(items.last()).toContainText('note number 1.');
  await expect(older).toBeHidden();
});
