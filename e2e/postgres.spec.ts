import { startPostgres } from '../src/testing/postgres.ts';
import { addNote } from './support/notes.ts';
import { arriveNew, expectSignedIn, logIn } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('DATABASE_URL alone puts everything on Postgres, where two servers share the sessions', async ({
  page,
  newVisitor,
  newServer,
}) => {
  // A database and three starts of a server.
  test.slow();
  const postgres = await startPostgres();
  try {
    const secrets = {
      ACCESS_TOKEN_SECRET: 'an access token secret for two servers of one test',
      REFRESH_TOKEN_SECRET: 'a refresh token secret for two servers of one test',
      DATA_SECRET: 'a secret that seals data for two servers of one test',
    };
    const first = await newServer({ env: { ...secrets, DATABASE_URL: postgres.url } });
    const person = await arriveNew(page, first.url);
    await addNote(page, 'kept by Postgres');

    await first.kill();
    await first.start();
    await page.reload();
    await expectSignedIn(page, person);
    await expect(page.getByText('kept by Postgres')).toBeVisible();

    const second = await newServer({ env: { ...secrets, DATABASE_URL: postgres.url } });
    const elsewhere = await newVisitor();
    await logIn(elsewhere, person, second.url);
    const other = await elsewhere.newPage();
    await other.goto(`${second.url}/account/sessions`);
    await other.getByRole('button', { name: 'End all other sessions' }).click();
    await expect(other.getByRole('main').getByRole('listitem')).toHaveCount(1);

    // The access token of the first browser has minutes to live, and the first server ends its stream at once.
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
    await expect(page.getByRole('alert').filter({ hasText: /ended/i })).toBeVisible();
    await first.remove();
    await second.remove();
  } finally {
    await postgres.stop();
  }
});
