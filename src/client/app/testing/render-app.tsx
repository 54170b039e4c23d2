import { createMemoryHistory } from '@tanstack/react-router';
import { cleanup, configure, render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { AuthState } from 'latchkey/client';
import { hintCookieName, type User } from 'latchkey/shared';
import { StrictMode } from 'react';
import { afterEach } from 'vitest';
import { App } from '../app.tsx';
import type { MailedLink, MailedLinks } from '../mailed-link/mailed-links.ts';
import { createQueryClient } from '../query-client.ts';
import { createAppRouter } from '../router.tsx';
import { trpc } from '../trpc.ts';
import { createFakeAuth, type FakeAuthOptions } from './fake-auth.ts';
import { type Procedures, type Streams, scriptedLink } from './scripted-link.ts';

// The code of a page is loaded when it is opened, which takes its time on a machine that has other things to do.
configure({ asyncUtilTimeout: 10_000 });

interface RenderAppOptions extends Partial<FakeAuthOptions> {
  /** Who is signed in. Nobody, unless given; `state` says it in full. */
  user?: User;
  procedures?: Procedures;
  streams?: Streams;
  /** Whether the browser kept the cookies of the sign-in. Default true. */
  keepsCookies?: boolean;
  /** The mailed link that the page was opened by. */
  mailedLink?: MailedLink;
}

const stateOf = (user: User | undefined): AuthState =>
  user === undefined
    ? { status: 'anonymous', offline: false, ended: null }
    : { status: 'authenticated', offline: false, user };

/** Opens the app at a path, with the session engine and the server's answers in the test's hand. */
export const renderApp = async (
  path: string,
  {
    user,
    procedures = {},
    streams = {},
    keepsCookies = true,
    state = stateOf(user),
    mailedLink,
    ...calls
  }: RenderAppOptions = {},
) => {
  document.cookie = `${hintCookieName(location)}=abc; Path=/; Max-Age=${keepsCookies ? 900 : 0}`;
  const auth = createFakeAuth({ state, ...calls });
  const queryClient = createQueryClient(auth);
  const router = createAppRouter(createMemoryHistory({ initialEntries: [path] }));
  const trpcClient = trpc.createClient({ links: [scriptedLink(procedures, streams)] });

  const mailedLinks: MailedLinks = { get: () => mailedLink ?? null, subscribe: () => () => undefined };

  await router.load();
  render(
    <StrictMode>
      <App auth={auth} router={router} queryClient={queryClient} trpcClient={trpcClient} mailedLinks={mailedLinks} />
    </StrictMode>,
  );

  return { auth, router, queryClient, person: userEvent.setup(), path: () => router.state.location.href };
};

afterEach(cleanup);
