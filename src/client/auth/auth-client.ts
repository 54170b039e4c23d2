import {
  httpBatchLink,
  httpSubscriptionLink,
  type Operation,
  splitLink,
  TRPCClientError,
  type TRPCLink,
} from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { MAX_BATCH_CALLS } from '../../shared/auth/cookies.ts';
import type { LoginInput, RegisterByEmailInput, RegisterInput, User } from '../../shared/auth/index.ts';
import { browserEnvironment } from './browser/environment.ts';
import type { AuthEnvironment } from './environment.ts';
import { createCalls } from './link/calls.ts';
import { createEventSourceOptions, type EventSourceClass, type EventSourceOptions } from './link/event-source.ts';
import { sessionLink } from './link/session-link.ts';
import { createTokenHeaders, type HeadersOptions } from './link/token-headers.ts';
import { createSession } from './session/session.ts';
import type { AuthState } from './session/state.ts';
import { createProcedureCaller } from './wire/procedure-caller.ts';
import { isGrant } from './wire/reply.ts';

/** Proxies and servers refuse longer ones: Node.js takes 16 KiB of headers in all. */
const MAX_URL_LENGTH = 8_000;

export interface AuthClientOptions {
  /** Where tRPC is mounted, such as `/api/trpc`. */
  url: string;
  /** Takes the place of the browser's clock, network, cookies and events, whole or in part. */
  environment?: Partial<AuthEnvironment>;
}

export interface LinksOptions {
  /** That of the package `eventsource` 4, for an app that subscribes: the browser's own sends no headers. */
  EventSource?: EventSourceClass;
}

export interface AuthClient {
  /**
   * The links of a tRPC client, ready to use: `createTRPCClient<AppRouter>({ links: auth.links({ EventSource }) })`.
   * Batches of at most 20 calls, the procedures that write cookies alone, and, given `EventSource`, subscriptions over
   * server-sent events.
   */
  links: <TRouter extends AnyRouter>(options?: LinksOptions) => TRPCLink<TRouter>[];
  /** The link by itself, for a chain of one's own. The terminating links behind it take `headers: auth.headers`. */
  link: <TRouter extends AnyRouter>() => TRPCLink<TRouter>;
  /** The `headers` option of tRPC's HTTP links. */
  headers: (options?: HeadersOptions) => Record<string, string>;
  /**
   * The `eventSourceOptions` option of tRPC's `httpSubscriptionLink`: each of its connections has the token of its
   * moment.
   */
  eventSourceOptions: (options: { op: Operation }) => EventSourceOptions;
  /** Restores the session of this browser, if it has one. Once, however often it is called, and not in an effect. */
  start: () => void;
  /** Stops timers and listeners, for good. A page never needs it; a test does. */
  stop: () => void;
  getState: () => AuthState;
  /** Calls after each change of the state. Returns an unsubscribe function. */
  subscribe: (listener: () => void) => () => void;
  /** Calls when the user changed or left, before `subscribe` does: the moment to clear every cache. */
  onIdentityChange: (listener: () => void) => () => void;
  /**
   * Rejects with the server's refusal, a `TRPCClientError` (`reasonOf`, `fieldsOf`), with one without data if the
   * answer was in another form, with an `OfflineError` if there was none, or with an `IdentityChangedError` if this
   * browser was signed out meanwhile. `username` may be the e-mail.
   */
  signIn: (input: LoginInput) => Promise<User>;
  /** Creates an account and signs in. Rejects as `signIn` does. */
  signUp: (input: RegisterInput | RegisterByEmailInput) => Promise<User>;
  /** Signs this browser out at once, and tells the server, now or as soon as it can be reached. Never rejects. */
  signOut: () => Promise<void>;
  /**
   * Looks at the hint cookie, and follows another tab that has signed in or out. The engine does so when the page is
   * shown.
   */
  sync: () => void;
}

/** The session of this page. One for each page, made outside React. The access token stays inside it. */
export const createAuthClient = ({ url, environment: given }: AuthClientOptions): AuthClient => {
  const environment = { ...browserEnvironment(url), ...given };
  const session = createSession(environment, createProcedureCaller(url, environment));
  const calls = createCalls(session, environment);
  const headers = createTokenHeaders(calls);

  const enter = async (path: string, input: unknown): Promise<User> => {
    const data = await session.exchange(path, input);
    // As tRPC says it of any other call: the server has another transformer, or is of another version.
    if (!isGrant(data)) throw new TRPCClientError('Unable to transform response from server');
    return data.user;
  };

  const eventSourceOptions = createEventSourceOptions(environment, headers);
  const link = <TRouter extends AnyRouter>(): TRPCLink<TRouter> => sessionLink(session, calls, environment);

  return {
    link,
    links<TRouter extends AnyRouter>({ EventSource }: LinksOptions = {}): TRPCLink<TRouter>[] {
      const batches: TRPCLink<TRouter> = httpBatchLink<AnyRouter>({
        url,
        headers,
        fetch: (input, init) => environment.fetch(input, { ...init, signal: init?.signal ?? null }),
        maxItems: MAX_BATCH_CALLS,
        maxURLLength: MAX_URL_LENGTH,
      });
      if (EventSource === undefined) return [link(), batches];
      const streams: TRPCLink<TRouter> = httpSubscriptionLink<AnyRouter, EventSourceClass>({
        url,
        EventSource,
        eventSourceOptions,
      });
      return [link(), splitLink({ condition: ({ type }) => type === 'subscription', true: streams, false: batches })];
    },
    eventSourceOptions,
    headers,
    start: session.start,
    stop: session.stop,
    getState: session.state.get,
    subscribe: session.state.subscribe,
    onIdentityChange: session.identity.onChange,
    signIn: (input) => enter('auth.login', input),
    signUp: (input) => enter('auth.register', input),
    signOut: session.signOut,
    sync: session.sync,
  };
};
