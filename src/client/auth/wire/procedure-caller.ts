import { createTRPCUntypedClient, httpLink, type TRPCClientError } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import type { AuthEnvironment } from '../environment.ts';
import { chainDataOf, OfflineError } from '../errors.ts';
import { listen, type Signals, together } from '../internal/listen.ts';
import { headersWith } from './headers.ts';
import { createMistakes, type Exchange } from './mistakes.ts';
import type { Reply } from './reply.ts';
import type { Transformer } from './transformer.ts';

const TIMEOUT_MS = 10_000;

export interface ProcedureRequest {
  path: string;
  input?: unknown;
  accessToken?: string | undefined;
  /** Any of them gives the call up. */
  signals: Signals;
  /**
   * After which the answer counts as lost.
   * @default 10,000: a third of the server's default leeway, which is what its rotation rules assume.
   */
  timeoutMs?: number;
  /** Whether the request outlives the page. */
  keepalive?: boolean;
}

/**
 * Settles at the latest with the timeout or a signal, even if the network does neither. Rejects for an input that
 * cannot be written down, and for nothing else.
 */
export type ProcedureCaller = (request: ProcedureRequest) => Promise<Reply>;

/**
 * The engine's own way to the server, for the procedures that write cookies: one request each, outside the app's links,
 * so that a refresh never waits for a call that waits for the refresh.
 */
export const createProcedureCaller = (
  url: string,
  environment: AuthEnvironment,
  transformer: Transformer,
): ProcedureCaller => {
  let tell: ReturnType<typeof createMistakes> | null = null;
  // Bundlers make nothing of it for production. Without one there is no `process`, and nothing is said.
  const explain = (exchange?: Exchange): void => {
    try {
      if (process.env.NODE_ENV !== 'production') {
        // oxlint-disable-next-line no-console -- the developer reads it there, and nowhere else
        const report = environment.report ?? ((line: string) => console.error(line));
        tell ??= createMistakes(url, globalThis.location?.origin ?? '', report);
        if (exchange) tell(exchange);
      }
    } catch {
      // It is no part of the call.
    }
  };

  explain();

  return ({ path, input, accessToken, signals, timeoutMs = TIMEOUT_MS, keepalive = false }) =>
    new Promise((resolve, reject) => {
      const controller = new AbortController();
      let isSent = false;
      const client = createTRPCUntypedClient({
        links: [
          httpLink({
            url,
            transformer,
            headers: headersWith(accessToken),
            fetch(address, init) {
              isSent = true;
              return environment.fetch(address, {
                ...init,
                signal: controller.signal,
                // Cookies go along to the page's own origin, and to another one that is named.
                credentials: 'include',
                // A proxy that has gone astray must not send passwords on to somebody else.
                redirect: 'error',
                keepalive,
              });
            },
          }),
        ],
      });
      const settle = (reply: Reply): void => {
        stopWaiting();
        resolve(reply);
      };
      const giveUp = (): void => {
        controller.abort();
        settle({ error: new OfflineError(controller.signal.reason) });
      };
      const stopWaiting = together(environment.setTimer(giveUp, timeoutMs), listen(signals, ['abort'], giveUp));
      if (signals.some((signal) => signal?.aborted)) return giveUp();

      client.mutation(path, input).then(
        (data) => {
          explain({ path, data });
          settle({ data });
        },
        (error: TRPCClientError<AnyRouter>) => {
          // What is broken in the page is not told as the network's fault.
          explain({ path, error });
          if (!isSent) reject(error.cause ?? error);
          // By the body alone: proxies and portals make up statuses, not tRPC's envelope, of which alone it has data.
          settle({ error: 'code' in chainDataOf(error) ? error : new OfflineError(error.cause) });
        },
      );
    });
};
