import type { TestProject } from 'vitest/node';
import { createMigratedTemplate, dropMigratedTemplate, type MigratedTemplate } from './migrated-template.ts';
import { startPostgres } from './postgres.ts';
import { pathOfEntry } from './process-entries.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    migratedTemplate: MigratedTemplate;
  }
}

/** One Postgres for the whole run, or the one of TEST_DATABASE_URL (whose user must be allowed to create databases). */
const findServer = async (): Promise<{ url: string; stop?: () => Promise<void> }> => {
  const given = process.env.TEST_DATABASE_URL;
  return given ? { url: given } : await startPostgres();
};

/** The server, and a database on it of which tests get copies: another one for each run in watch mode. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { url, stop } = await findServer();
  project.provide('postgresUrl', url);
  const command = pathOfEntry(project.getProvidedContext().processEntries, 'command');
  let template: MigratedTemplate;
  const makeTemplate = async (): Promise<void> => {
    template = await createMigratedTemplate(url, command);
    project.provide('migratedTemplate', template);
  };
  await makeTemplate();
  project.onTestsRerun(async () => {
    await dropMigratedTemplate(url, template);
    await makeTemplate();
  });
  return stop ?? (() => dropMigratedTemplate(url, template));
};
