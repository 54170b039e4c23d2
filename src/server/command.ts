import { runCommand } from 'latchkey/command';
import { loadEnvFile } from 'latchkey/server';
import { noteMigrations } from '#server/notes/index.ts';
import { ROLES } from '#shared/roles.ts';

/** `npx latchkey <command>` and `npm run user -- <command>`: the package's command, as this app has use for it. */
const unreadable = loadEnvFile('.env', process.env);
if (unreadable !== undefined) {
  process.stderr.write(`${unreadable}\n`);
  process.exitCode = 1;
} else {
  process.exitCode = await runCommand(process.argv.slice(2), process.env, process, {
    roles: ROLES,
    defaultSchema: 'public',
    defaultDataDir: '.data',
    features: ['passwords', 'mail', 'recovery', 'audit'],
    migrations: (dialect) => [{ name: 'app', migrations: noteMigrations(dialect) }],
  });
}
