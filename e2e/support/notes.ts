import { expect, type Locator, type Page } from '@playwright/test';
import { z } from 'zod/v4';
import type { Person } from './person.ts';

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

/** What the server keeps for a person, asked without a browser. */
export const keptNotes = async (url: string, { username, password }: Person): Promise<string[]> => {
  const ask = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(`${url}/api/trpc/${path}`, init);
    expect(response.status).toBe(200);
    return response.json();
  };
  const headers = { 'content-type': 'application/json', 'x-latchkey': '1' };
  const body = JSON.stringify({ username, password });
  const signedIn = z
    .object({ result: z.object({ data: z.object({ accessToken: z.string() }) }) })
    .parse(await ask('auth.login', { method: 'POST', headers, body }));
  const { accessToken } = signedIn.result.data;
  const listed = z
    .object({ result: z.object({ data: z.object({ notes: z.array(z.object({ text: z.string() })) }) }) })
    .parse(await ask('notes.list', { headers: { authorization: `Bearer ${accessToken}` } }));
  return listed.result.data.notes.map(({ text }) => text);
};
