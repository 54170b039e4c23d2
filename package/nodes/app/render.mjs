import { createAuthClient } from 'latchkey/client';
import { AuthProvider, useAuth } from 'latchkey/react';
import { createElement, version } from 'react';
import { renderToString } from 'react-dom/server';

/** Renders what knows of the session, and prints what it says and the React that said it. */
const auth = createAuthClient({ url: 'http://localhost/trpc' });
const Status = () => createElement('p', null, useAuth().status);
const html = renderToString(createElement(AuthProvider, { auth }, createElement(Status)));
process.stdout.write(JSON.stringify({ version, html }));
