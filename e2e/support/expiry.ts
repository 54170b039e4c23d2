import { expect } from '@playwright/test';

/** Waits until the server takes the token of an `Authorization` header no more. */
export const untilExpired = (url: string, authorization: string, { timeout = 15_000 } = {}): Promise<void> =>
  expect
    .poll(async () => (await fetch(url, { headers: { authorization } })).status, { timeout, intervals: [100] })
    .toBe(401);
