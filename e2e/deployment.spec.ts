import { arriveNew } from './support/person.ts';
import { expect, test } from './support/test.ts';

test.use({ expectedComplaints: /status of 404|Failed to fetch dynamically imported module/ });

test('a tab that was open across a deployment reloads once when it misses a part of itself', async ({ page }) => {
  await arriveNew(page);
  let missed = 0;
  await page.route(/\/assets\/sessions-page-.*\.js$/, (route) => {
    missed += 1;
    // After the reload the page knows the new name of the part.
    return missed === 1 ? route.fulfill({ status: 404 }) : route.fallback();
  });
  const loads: string[] = [];
  page.on('load', () => loads.push(page.url()));

  await page.getByRole('link', { name: 'Sessions' }).click();
  await expect(page.getByText('This device')).toBeVisible();
  expect(missed).toBe(2);
  expect(loads).toHaveLength(1);
});

test('a part that stays away is said, and the page does not reload for ever', async ({ page }) => {
  await arriveNew(page);
  await page.route(/\/assets\/sessions-page-.*\.js$/, (route) => route.fulfill({ status: 404 }));
  let loads = 0;
  page.on('load', () => {
    loads += 1;
  });
  await page.getByRole('link', { name: 'Sessions' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(
    page
      .getByRole('alert')
      .or(page.getByRole('button', { name: /again|reload/i }))
      .first(),
  ).toBeVisible();
  expect(loads).toBeLessThanOrEqual(1);
});

test('assets are cached for long, and the page never', async ({ request }) => {
  const page = await request.get('/');
  expect(page.headers()['cache-control']).toMatch(/no-cache|no-store/);
  const [asset = ''] = /\/assets\/[^"]+\.js/.exec(await page.text()) ?? [];
  const { headers, status } = await request.get(asset).then((response) => ({
    headers: response.headers(),
    status: response.status(),
  }));
  expect(status).toBe(200);
  expect(headers['cache-control']).toContain('immutable');
  expect((await request.get('/assets/gone-12345678.js')).status()).toBe(404);
});
