import { logIn, register } from './support/person.ts';
import { expect, test } from './support/test.ts';

/** How many events the page asks for at once. */
const PAGE = 20;

test('what happened to an account is listed, newest first and in pages, and what cannot be loaded is tried again', async ({
  page,
  context,
  newVisitor,
}) => {
  const person = await register(context);
  const elsewhere = await newVisitor();
  for (let count = 0; count < PAGE; count += 1) await logIn(elsewhere, person);

  const refused = { code: 'TOO_MANY_REQUESTS', httpStatus: 429, reason: 'rate_limited', retryAfter: 30 };
  await page.route(
    '**/events.list*',
    (route) => route.fulfill({ status: 429, json: [{ error: { code: -32029, message: 'Wait.', data: refused } }] }),
    { times: 1 },
  );
  await page.goto('/account/activity');
  await expect(page.getByRole('alert')).toContainText('30 seconds');
  await page.getByRole('button', { name: 'Try again' }).click();

  const events = page.getByRole('main').getByRole('listitem');
  await expect(events).toHaveCount(PAGE);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(events.filter({ hasText: 'You signed in' }).first()).toContainText(/with Chrom/);

  const more = page.getByRole('button', { name: 'Show more' });
  while (await more.isVisible()) {
    const before = await events.count();
    await more.click();
    await expect.poll(() => events.count()).toBeGreaterThan(before);
  }
  await expect(events.last()).toContainText('created');
});
