import { type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import type { LoginInput, RegisterByEmailInput, RegisterInput, User } from '../../shared/auth/index.ts';
import { browserEnvironment } from './browser/environment.ts';
import type { AuthEnvironment } from './environment.ts';
import { createCalls } from './link/calls.ts';
import { createEventSourceOptions, type EventSourceOptions } from './link/event-source.ts';
import { sessionLink } from './link/session-link.ts';
import { createHttpOptions, type HttpOptions, type LinksOptions, terminatingLinks } from './link/terminating-links.ts';
import { createTokenHeaders, type HeadersOptions } from './link/token-headers.ts';
import { createSession } from './session/session.ts';
import type { AuthState } from './session/state.ts';
import { createProcedureCaller } from './wire/procedure-caller.ts';
import { isGrant } from './wire/reply.ts';
import { noTransformer, type Transformer } from './wire/transformer.ts';

export interface AuthClientOptions {
  /** Where tRPC is mounted, such as `/api/trpc`. */
  url: string;
  /**
   * That of the router, if it has one: superjson and the like, or `{ input, output }`. Everything that the client sends
   * goes through it: the app's calls, and the refresh, the sign-in and the sign-out of its own.
   */
  transformer?: Transformer;
  /** Takes the place of the browser's clock, network, cookies and events, whole or in part. */
  environment?: Partial<AuthEnvironment>;
}

export interface AuthClient {
  /**
   * The links of a tRPC client, ready to use: `createTRPCClient<AppRouter>({ links: auth.links({ EventSource }) })`.
   * Batches of at most 20 calls, the procedures that write cookies alone, and, given `EventSource`, subscriptions over
   * server-sent events.
   */
  links<TRouter extends AnyRouter>(options?: LinksOptions): TRPCLink<TRouter>[];
  /** The link by itself, for a chain of one's own. The terminating links behind it take `auth.httpOptions()`. */
  link: <TRouter extends AnyRouter>() => TRPCLink<TRouter>;
  /**
   * The options of a terminating link of one's own: `url`, `headers`, `fetch`, the limits of a batch and the
   * transformer.
   * @example [auth.link(), httpBatchStreamLink({ ...auth.httpOptions() })]
   */
  httpOptions(): HttpOptions<boolean>;
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
  /**
   * Starts the client if need be, and resolves with the first state that is known: for a router's `beforeLoad`. It
   * never rejects. `status` is still `restoring` only where it cannot be told who is signed in: on a server that
   * renders the page, and beside `offline: true`, while the server of a session is out of reach. Send nobody to a
   * sign-in then: show the page, whose calls wait and tell that they are offline.
   *
   * @example
   * beforeLoad: async () => {
   *   const { status } = await auth.settled();
   *   if (status === 'anonymous') throw redirect({ to: '/sign-in' });
   * }
   */
  settled: () => Promise<AuthState>;
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

/** Anything, if client and router have a transformer both, or neither. Else what the compiler says. */
type Fits<
  TRouter extends AnyRouter,
  HasTransformer extends boolean,
> = TRouter['_def']['_config']['$types']['transformer'] extends HasTransformer
  ? unknown
  : 'Give createAuthClient the transformer that the router has.';

/** A client with a transformer, or without one, as routers and tRPC's links are told apart by their types. */
export interface AuthClientOf<HasTransformer extends boolean> extends AuthClient {
  links<TRouter extends AnyRouter>(this: Fits<TRouter, HasTransformer>, options?: LinksOptions): TRPCLink<TRouter>[];
  httpOptions(): HttpOptions<HasTransformer>;
}

/** The session of this page. One for each page, made outside React. The access token stays inside it. */
export function createAuthClient(options: AuthClientOptions & { transformer: Transformer }): AuthClientOf<true>;
export function createAuthClient(options: Omit<AuthClientOptions, 'transformer'>): AuthClientOf<false>;
export function createAuthClient({
  url,
  transformer = noTransformer,
  environment: given,
}: AuthClientOptions): AuthClient {
  const environment = { ...browserEnvironment(url), ...given };
  const session = createSession(environment, createProcedureCaller(url, environment, transformer));
  const calls = createCalls(session, environment);
  const headers = createTokenHeaders(calls);
  const eventSourceOptions = createEventSourceOptions(environment, headers);
  const httpOptions = createHttpOptions(url, transformer, environment, headers);

  const enter = async (path: string, input: unknown): Promise<User> => {
    const data = await session.exchange(path, input);
    // As tRPC says it of any other call: the server has another transformer, or is of another version.
    if (!isGrant(data)) throw new TRPCClientError('Unable to transform response from server');
    return data.user;
  };

  const link = <TRouter extends AnyRouter>(): TRPCLink<TRouter> => sessionLink(session, calls, environment);

  return {
    link,
    links: (options) => [link(), terminatingLinks(httpOptions, eventSourceOptions, options)],
    httpOptions: () => httpOptions,
    eventSourceOptions,
    headers,
    start: session.start,
    stop: session.stop,
    settled: session.settled,
    getState: session.state.get,
    subscribe: session.state.subscribe,
    onIdentityChange: session.identity.onChange,
    signIn: (input) => enter('auth.login', input),
    signUp: (input) => enter('auth.register', input),
    signOut: session.signOut,
    sync: session.sync,
  };
}
