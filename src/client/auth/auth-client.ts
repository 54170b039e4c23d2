import { type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import type { LoginInput, RegisterByEmailInput, RegisterInput, User } from '../../shared/auth/index.ts';
import { browserEnvironment } from './browser/environment.ts';
import type { AuthEnvironment } from './environment.ts';
import { NextStepError } from './errors.ts';
import { createCalls } from './link/calls.ts';
import { createEventSourceOptions, type EventSourceOptions } from './link/event-source.ts';
import { createReauthentication, type ReauthenticationHandler } from './link/reauthentication.ts';
import { sessionLink } from './link/session-link.ts';
import { createHttpOptions, type HttpOptions, type LinksOptions, terminatingLinks } from './link/terminating-links.ts';
import { createTokenHeaders, type HeadersOptions } from './link/token-headers.ts';
import { createSession } from './session/session.ts';
import type { AuthState } from './session/state.ts';
import { createProcedureCaller } from './wire/procedure-caller.ts';
import { isGrant, isNextStep } from './wire/reply.ts';
import { noTransformer, type Transformer } from './wire/transformer.ts';

export interface AuthClientOptions {
  /** Where tRPC is mounted, such as `/api/trpc`, or on another host of the same site `https://api.example.com/trpc`. */
  url: string;
  /**
   * That of the router, if it has one: superjson and the like, or `{ input, output }`. Everything that the client sends
   * goes through it: the app's calls, and the refresh, the sign-in and the sign-out of its own.
   * @default none: plain JSON
   */
  transformer?: Transformer;
  /**
   * Takes the place of the browser's clock, network, cookies and events, whole or in part.
   * @default browserEnvironment(url)
   */
  environment?: Partial<AuthEnvironment>;
}

export interface AuthClient {
  /**
   * Returns the links of a tRPC client, ready to use. They send batches of at most 20 calls, forms, files and large
   * inputs alone, and, given `EventSource`, subscriptions over server-sent events.
   *
   * @example
   * const client = createTRPCClient<AppRouter>({ links: auth.links() });
   */
  links<TRouter extends AnyRouter>(options?: LinksOptions): TRPCLink<TRouter>[];
  /**
   * Returns the session link alone, for a chain of your own. The terminating links behind it take `auth.httpOptions()`.
   *
   * @example
   * links: [auth.link(), httpBatchStreamLink(auth.httpOptions())]
   */
  link: <TRouter extends AnyRouter>() => TRPCLink<TRouter>;
  /**
   * Returns the options of a terminating link of your own: `url`, `headers`, `fetch`, the transformer and the limit of
   * a batch. `fetch` sends a query by POST whose URL would be longer than 8,000 characters, so set no `maxURLLength`. A
   * batch as a whole has to stay below the server's `maxBodyBytes`.
   *
   * @example
   * links: [auth.link(), httpBatchStreamLink({ ...auth.httpOptions(), maxItems: 10 })]
   */
  httpOptions(): HttpOptions<boolean>;
  /** The `headers` option of tRPC's HTTP links. */
  headers: (options?: HeadersOptions) => Record<string, string>;
  /**
   * The `eventSourceOptions` option of tRPC's `httpSubscriptionLink`: each of its connections has the token of its
   * moment.
   */
  eventSourceOptions: (options: { op: Operation }) => EventSourceOptions;
  /** Restores the session of this browser, if it has one. `AuthProvider` calls it. Calling it again does nothing. */
  start: () => void;
  /** Stops timers and listeners for good. Tests need it, pages do not. */
  stop: () => void;
  /**
   * Starts the client if need be, and resolves with the first state that is known: for a router's `beforeLoad`. Never
   * rejects. `status` is still `restoring` only where it cannot be told who is signed in: on a server that
   * renders the page, and beside `offline: true`, while the server of a session is out of reach. Send nobody to a
   * sign-in then: show the page, whose calls wait and tell that they are offline. Without React it is how an app learns
   * whom to begin with; `subscribe` tells of every change after it.
   *
   * @example
   * beforeLoad: async () => {
   *   const { status } = await auth.settled();
   *   if (status === 'anonymous') throw redirect({ to: '/sign-in' });
   * }
   */
  settled: () => Promise<AuthState>;
  /** Returns the state at this moment: the same object until it changes. */
  getState: () => AuthState;
  /** Called after each change of the state. Returns an unsubscribe function. */
  subscribe: (listener: () => void) => () => void;
  /**
   * Called when the user has changed or left, before the listeners of `subscribe`: the moment to clear every cache, and
   * without React what is shown of the last user. Not called for the first state of a page, which `settled` tells.
   * `getState()` has the new state already. Returns an unsubscribe function.
   *
   * @example
   * auth.onIdentityChange(() => leaveUser(queryClient));
   */
  onIdentityChange: (listener: () => void) => () => void;
  /**
   * Signs in, and resolves with the user. `username` may be the e-mail address.
   *
   * @throws TRPCClientError with the server's refusal (`reasonOf`, `fieldsOf`), without data where the answer cannot be
   * read.
   * @throws NextStepError if another step comes first: `error.next` says which.
   * @throws OfflineError if there was no answer.
   * @throws IdentityChangedError if this browser was signed out meanwhile.
   * @example
   * const user = await auth.signIn({ username, password });
   */
  signIn: (input: LoginInput) => Promise<User>;
  /**
   * Creates an account, signs in, and resolves with the user. Where addresses are confirmed first, it always rejects
   * with a `NextStepError` whose `next.next` is `verify_email`, whether there is an account of that address or not.
   *
   * @throws What `signIn` throws.
   * @example
   * const user = await auth.signUp({ username, email, password });
   */
  signUp: (input: RegisterInput | RegisterByEmailInput) => Promise<User>;
  /**
   * Signs this browser out at once, in every tab, and tells the server now or as soon as it can be reached. Never
   * rejects.
   */
  signOut: () => Promise<void>;
  /**
   * Names what asks the person to prove anew who they are, when a call needs it (`freshProcedure`). The call stays open
   * meanwhile: when the handler's promise resolves it is sent once more, and when it rejects the caller gets the
   * refusal. One prompt serves however many calls wait. Mutations open one; a query does with `context: { prompt: true
   * }`, for what a person asked for by a press. `useReauthentication` of `latchkey/react/step-up` is one for React.
   * Returns an unsubscribe function. There is one handler: the latest.
   *
   * @example
   * auth.onReauthenticate(async ({ methods, signal }) => {
   *   const password = await askForPassword({ signal }); // rejects when it is cancelled
   *   await reauthenticate(auth, { password }); // of latchkey/client/step-up
   * });
   */
  onReauthenticate: (handler: ReauthenticationHandler) => () => void;
  /**
   * Looks at the hint cookie, and follows another tab that has signed in or out. The client does so by itself when the
   * page is shown.
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

/**
 * Creates the session of this page. Make one for each page, outside of components. The access token stays inside it.
 *
 * @example
 * export const auth = createAuthClient({ url: '/trpc', transformer: superjson });
 */
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
  const reauthentication = createReauthentication();
  const httpOptions = createHttpOptions(url, transformer, environment, headers);

  const enter = async (path: string, input: unknown): Promise<User> => {
    const data = await session.exchange(path, input);
    if (isNextStep(data)) throw new NextStepError(data);
    // As tRPC says it of any other call: the server has another transformer, or is of another version.
    if (!isGrant(data)) throw new TRPCClientError('Unable to transform response from server');
    return data.user;
  };

  const link = <TRouter extends AnyRouter>(): TRPCLink<TRouter> => sessionLink(calls, environment, reauthentication);

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
    onReauthenticate: reauthentication.handle,
    sync: session.sync,
  };
}
