import { once } from 'node:events';
import { createServer } from 'node:http';
import { app, auth } from './server.js';

/** Starts the app as anybody would, and tells what its procedures say. */
const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('The server has no port.');
const url = `http://127.0.0.1:${address.port}/trpc`;
const headers = { 'content-type': 'application/json', 'x-latchkey': '1' };

const hello = await (await fetch(`${url}/hello`)).json();
const person = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
const registered = await fetch(`${url}/auth.register`, {
  method: 'POST',
  headers,
  body: JSON.stringify({ json: person }),
});
const cookies = registered.headers.getSetCookie().length;
const refused = (await fetch(`${url}/whoAmI`)).status;
process.stdout.write(JSON.stringify({ hello, registered: registered.status, cookies, refused }));
server.closeAllConnections();
server.close();
await auth.stop();
