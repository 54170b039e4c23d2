// @vitest-environment happy-dom
import { dehydrate, hydrate, onlineManager } from '@tanstack/react-query';
import { describe, expect, test } from 'vitest';
import { create, KEY, LONG, list, NOTE, openPage, type Page, pass } from '#testing/client/query-page.tsx';
import { queryDefaults } from '../index.ts';

test('a query is retried when the network fails, and not when it is refused', async () => {
  const page = await openPage();
  const ask = async (): Promise<number> => {
    const before = page.tab.network.sent('notes.list').length;
    page.queryClient
      .query({
        queryKey: KEY,
        queryFn: list(page.client),
        retry: queryDefaults(page.tab.auth).defaultOptions.queries.retry,
      })
      .catch(() => undefined);
    await pass(LONG);
    page.queryClient.clear();
    return page.tab.network.sent('notes.list').length - before;
  };
  page.tab.network.next('lose request', 'notes.list');
  expect(await ask()).toBe(2);
  await page.tab.auth.signOut();
  expect(await ask()).toBe(1);
});

describe('what is written down of a page', () => {
  const written = async (page: Page): Promise<string> => {
    page.queryClient.setQueryData(KEY, 'a list');
    onlineManager.setOnline(false);
    page.queryClient
      .getMutationCache()
      .build(page.queryClient, { mutationFn: create(page.client), networkMode: 'online' })
      .execute(NOTE)
      .catch(() => undefined);
    await pass();
    return JSON.stringify(dehydrate(page.queryClient));
  };

  test('is nothing that a user has fetched or meant to change: the next to open it may be another', async () => {
    expect(JSON.parse(await written(await openPage()))).toEqual({ queries: [], mutations: [] });
  });

  test('is what everybody may fetch, and no mutation', async () => {
    const page = await openPage();
    await page.tab.auth.signOut();
    const text = await written(page);
    expect(text).toContain('a list');
    expect(text).not.toContain(NOTE.text);
    const next = await openPage();
    const state: object = JSON.parse(text);
    hydrate(next.queryClient, state);
    expect(next.queryClient.getQueryData(KEY)).toBe('a list');
  });
});
