import { runCommand } from 'latchkey/command';
import { FILE } from './db.ts';
import { onSignUp } from './profiles.ts';

/** `npm run latchkey -- user create ada ada@example.com`: the package's command, which makes a profile as well. */
process.exitCode = await runCommand(['--database', FILE, ...process.argv.slice(2)], process.env, process, { onSignUp });
