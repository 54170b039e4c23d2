import type { BrowserContext, Page } from '@playwright/test';
import { addNote, deleteNote } from './support/notes.ts';
import { fillSignIn, signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

test.use({ expectedComplaints: /violates the (?:following|document's) Content Security Policy|status of 40/ });

/** What the pages of a context do against their policy, as the browser itself reports it. */
const watchPolicy = async (context: BrowserContext): Promise<string[]> => {
  const violations: string[] = [];
  await context.exposeFunction('noteViolation', (violation: string) => violations.push(violation));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      const note: unknown = Reflect.get(globalThis, 'noteViolation');
      if (typeof note === 'function') Reflect.apply(note, undefined, [`${effectiveDirective}: ${blockedURI}`]);
    });
  });
  return violations;
};

const visit = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('link', { name }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
};

test('a click through all of the app breaks no rule of its policy', async ({ page, context }) => {
  const violations = await watchPolicy(context);
  /** Each page in the dark and in the light. */
  const look = async (): Promise<void> => {
    for (const colorScheme of ['dark', 'light'] as const) await page.emulateMedia({ colorScheme });
  };
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await look();
  await page.goto('/sign-in');
  await fillSignIn(page, 'nobody', 'nobodys own words');
  await expect(page.getByRole('alert')).toBeVisible();
  await look();

  const person = await signUp(page);
  await addNote(page, 'one');
  await look();
  await deleteNote(page, 'one');
  await visit(page, 'Sessions');
  await expect(page.getByText('This device')).toBeVisible();
  await look();
  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await look();
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto('/sign-in');
  await fillSignIn(page, person.email, person.password);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
  expect(violations).toEqual([]);
});

test('a script, a style, a picture and a call that the policy does not name are kept from the page', async ({
  page,
  context,
}) => {
  const violations = await watchPolicy(context);
  await page.goto('/sign-in');
  const ran = await page.evaluate(async () => {
    const add = (tag: string, fields: Record<string, string>): void => {
      document.body.append(Object.assign(document.createElement(tag), fields));
    };
    add('script', { textContent: 'document.title = "inline"' });
    add('style', { textContent: 'body { display: none }' });
    add('img', { src: 'http://127.0.0.1:9/pixel.png' });
    add('iframe', { src: 'http://127.0.0.1:9/' });
    add('base', { href: 'http://127.0.0.1:9/' });
    await fetch('http://127.0.0.1:9/').catch(() => undefined);
    return document.title;
  });
  expect(ran).not.toBe('inline');
  await expect
    .poll(() => violations.map((violation) => violation.split(':')[0]).toSorted())
    .toEqual(['base-uri', 'connect-src', 'frame-src', 'img-src', 'script-src-elem', 'style-src-elem']);
});
