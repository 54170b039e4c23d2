import { runCommand } from 'latchkey/command';
import { authUsers, pgAuthUsers } from 'latchkey/drizzle';
import { createFetchHandler } from 'latchkey/fetch';
import { createNodeHandler } from 'latchkey/node';
import { postgres } from 'latchkey/postgres';
import { importMembers } from 'latchkey/server/passwords';
import { registerInput } from 'latchkey/shared';
import { appRouter, auth } from './server.js';

export const node = createNodeHandler({ auth, router: appRouter });
export const web = createFetchHandler({ auth, router: appRouter });
export const store = postgres({ url: 'postgres://localhost/app', schema: 'app', pool: 5 });
export const tables = [authUsers, pgAuthUsers()] as const;
export const input = registerInput;
export { importMembers, runCommand };
