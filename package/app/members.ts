import { once } from 'node:events';
import { createServer } from 'node:http';
import { createTRPCClient } from '@trpc/client';
import { createAuthKit } from 'latchkey/testing';
import { openTabs } from './members-client.js';
import { type AppRouter, createApp, member } from './members-server.js';

/** Starts the app, signs its member in, and prints what came of it as one line of JSON. */
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('The server has no port.');
const url = `http://127.0.0.1:${address.port}`;
const { app, stop } = await createApp(url);
server.on('request', app);

const { open } = openTabs(url);
const tab = open();
tab.auth.start();
const anonymous = tab.auth.getState().status;
const user = await tab.auth.signIn({ username: member.email, password: member.password });
const plan = await tab.client.members.plan.query();

const reloaded = open();
reloaded.auth.start();
const sessions = await reloaded.client.sessions.list.query();
await reloaded.auth.signOut();
const after = await tab.client.members.plan.query().catch((error: unknown) => String(error));

// As the app's own tests do it, with the kit in place of the server.
const kit = createAuthKit({ procedures: { 'members.plan': () => 'silver' } });
kit.signedIn('grace');
const tested = kit.openTab();
tested.auth.start();
await kit.settle();
const testedClient = createTRPCClient<AppRouter>({ links: tested.auth.links() });
kit.expireAccessTokens();
const planByKit = await testedClient.members.plan.query();
tested.auth.stop();

process.stdout.write(
  JSON.stringify({
    planByKit,
    refreshesByKit: kit.sent('auth.refresh'),
    anonymous,
    id: user.id,
    plan,
    sessions: sessions.length,
    after,
    signedOut: reloaded.auth.getState().status,
  }),
);
tab.auth.stop();
reloaded.auth.stop();
server.closeAllConnections();
server.close();
await stop();
