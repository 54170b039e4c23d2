import type { TestPage } from '#client/auth/testing/page.ts';
import type { TestReply } from '#client/auth/testing/server.ts';
import type { Jar } from './jar.ts';
import type { Job } from './job.ts';
import type { Lateness } from './rules.ts';
import type { Server, ServerRequest } from './server.ts';

/** A page that waits for an answer. */
interface Waiter {
  tab: number;
  isAwaiting: boolean;
  /** Whether it has given up by itself: the browser throws away what still comes. */
  hasGivenUp: boolean;
  /** What it has heard. */
  heard: TestReply | null;
  tell: (outcome: { reply: TestReply } | { error: Error }) => void;
}

/** One request on its way to a server and back. It moves when it is told to. */
export interface Transit {
  path: string;
  request: ServerRequest;
  waiter: Waiter;
  stage: 'leaving' | 'working' | 'answering' | 'done';
  /** When it can no longer be carried out, and then, when its answer can no longer arrive. */
  deadline: number;
  job: Job | null;
  reply: TestReply | null;
  /** Whether the server knows that nobody waits. */
  isHungUp: boolean;
  /** Whether the browser has sent it again over another connection, and hears no more of this one. */
  isReplaced: boolean;
  /** The era in which it left. */
  era: number;
}

export interface NetworkParts {
  now: () => number;
  lateness: Lateness;
  jar: Jar;
  /** Counts the sign-ins and the sign-outs of the browser. */
  era: () => number;
  onSend: (transit: Transit) => void;
  onHear: (tab: number, reply: TestReply) => void;
  /** The answer has reached the browser, and its cookies are about to be set. */
  onArrival: (transit: Transit, reply: TestReply) => void;
}

const textOf = ({ body }: TestReply): string => (typeof body === 'string' ? body : JSON.stringify(body));

const inputOf = (text: unknown): Record<string, unknown> => {
  const input: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  return typeof input === 'object' && input !== null ? { ...input } : {};
};

const NO_CONNECTION = new TypeError('Failed to fetch');

/** Between one browser and its servers: everything that can happen to a request, and nothing that happens by itself. */
export const createNetwork = ({ now, lateness, jar, era, onSend, onHear, onArrival }: NetworkParts) => {
  let transits: Transit[] = [];

  const tell = ({ waiter, isReplaced }: Transit, outcome: { reply: TestReply } | { error: Error }): void => {
    if (isReplaced || !waiter.isAwaiting) return;
    waiter.isAwaiting = false;
    waiter.tell(outcome);
  };

  const send = (request: Omit<ServerRequest, 'isDisconnected'>, waiter: Waiter, sentIn: number): Transit => {
    const transit: Transit = {
      path: request.path,
      request: { ...request, isDisconnected: () => transit.isHungUp },
      waiter,
      stage: 'leaving',
      deadline: request.sentAt + lateness.request,
      job: null,
      reply: null,
      isHungUp: false,
      isReplaced: false,
      era: sentIn,
    };
    transits.push(transit);
    return transit;
  };

  /** The connection breaks, on whichever way it was. What a server has begun goes on, until it looks at the socket. */
  const lose = (transit: Transit): void => {
    transit.stage = 'done';
    transit.isHungUp = true;
    tell(transit, { error: NO_CONNECTION });
  };

  return {
    /** The network as one page sees it. */
    fetchFor:
      (tab: number, page: TestPage): typeof fetch =>
      (input, init = {}) =>
        new Promise((resolve, reject) => {
          const abortError = (): DOMException => new DOMException('The call was aborted.', 'AbortError');
          if (init.signal?.aborted) return reject(abortError());
          const url = new URL(input instanceof Request ? input.url : input, 'http://localhost');
          const waiter: Waiter = {
            tab,
            isAwaiting: true,
            hasGivenUp: false,
            heard: null,
            tell: (outcome) =>
              page.run(() => {
                if ('error' in outcome) return reject(outcome.error);
                waiter.heard = outcome.reply;
                onHear(tab, outcome.reply);
                resolve(new Response(textOf(outcome.reply), { status: outcome.reply.status ?? 200 }));
              }),
          };
          init.signal?.addEventListener('abort', () => {
            waiter.hasGivenUp = true;
            waiter.isAwaiting = false;
            reject(abortError());
          });
          const request = {
            path: url.pathname.slice(url.pathname.lastIndexOf('/') + 1),
            input: inputOf(init.body ?? url.searchParams.get('input')),
            cookie: jar.cookies.refresh,
            hint: jar.cookies.hint,
            fresh: jar.cookies.fresh,
            authorization: new Headers(init.headers).get('authorization') ?? undefined,
            sentAt: now(),
          };
          if (!page.isClosed()) onSend(send(request, waiter, era()));
        }),

    /** Those that can still move. */
    underWay(): Transit[] {
      transits = transits.filter(({ stage }) => stage !== 'done');
      return transits;
    },

    arrive(transit: Transit, server: Server): void {
      if (transit.stage !== 'leaving') return;
      if (now() >= transit.deadline) return lose(transit);
      transit.stage = 'working';
      transit.job = server.receive(transit.request, (reply) => {
        // Its connection may be gone by now. The effects stay.
        if (transit.stage !== 'working') return;
        transit.stage = 'answering';
        transit.reply = reply;
        transit.deadline = now() + lateness.answer;
      });
    },

    /** The server runs the statement that it stands before, unless it died, or everybody has given up long ago. */
    proceed(transit: Transit): void {
      if (transit.stage !== 'working' || transit.job === null) return;
      if (now() >= transit.deadline) transit.job.kill();
      if (transit.job.isDead()) lose(transit);
      else transit.job.proceed();
    },

    /** The answer reaches the browser, which sets the cookies; then the page, unless the rest of it is lost. */
    deliver(transit: Transit, { cookiesOnly = false } = {}): void {
      if (transit.stage !== 'answering' || transit.reply === null) return;
      if (transit.isReplaced || transit.waiter.hasGivenUp || now() >= transit.deadline) return lose(transit);
      transit.stage = 'done';
      onArrival(transit, transit.reply);
      jar.set(transit.reply.cookies ?? {});
      tell(transit, cookiesOnly ? { error: NO_CONNECTION } : { reply: transit.reply });
    },

    /** Somebody on the way answers in the server's place. */
    intercept(transit: Transit, reply: TestReply): void {
      transit.stage = 'done';
      tell(transit, { reply });
    },

    /** The browser sends it once more by itself, since its connection died. Nobody hears what the first comes to. */
    double(transit: Transit): void {
      if (transit.stage === 'done' || transit.isReplaced || !transit.waiter.isAwaiting) return;
      transit.isReplaced = true;
      send(transit.request, transit.waiter, transit.era);
    },

    lose,
  };
};
