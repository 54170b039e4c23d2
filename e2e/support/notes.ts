import { expect, type Locator, type Page } from '@playwright/test';

export const noteOf = (page: Page, text: string): Locator =>
  page.getByRole('main').getByRole('listitem').filter({ hasText: text });

/** Types a note and sends it. The page shows it before the server has it. */
export const sendNote = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel('New note').fill(text);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
};

const done = (page: Page, procedure: string): Promise<unknown> =>
  page.waitForResponse((response) => response.url().includes(procedure) && response.ok());

/** Adds a note, and waits until the server has it. */
export const addNote = async (page: Page, text: string, { timeout = 10_000 } = {}): Promise<void> => {
  await Promise.all([done(page, 'notes.create'), sendNote(page, text)]);
  await expect(noteOf(page, text)).toBeVisible({ timeout });
};

/** Deletes a note, and waits until the server has done so. */
export const deleteNote = async (page: Page, text: string): Promise<void> => {
  const button = noteOf(page, text).getByRole('button', { name: /delete/i });
  await Promise.all([done(page, 'notes.delete'), button.click()]);
  await expect(noteOf(page, text)).toHaveCount(0);
};
