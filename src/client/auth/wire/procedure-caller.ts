import type { AuthEnvironment } from '../environment.ts';
import { listen, type Signals } from '../internal/listen.ts';
import { headersWith } from './headers.ts';
import { type Reply, readReply } from './reply.ts';

export interface ProcedureRequest {
  path: string;
  input?: unknown;
  accessToken?: string | undefined;
  /** Any of them gives the call up. */
  signals: Signals;
  /** After which the answer counts as lost. */
  timeoutMs: number;
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
export const createProcedureCaller = (url: string, environment: AuthEnvironment): ProcedureCaller => {
  const send = async (
    { path, accessToken, keepalive = false }: ProcedureRequest,
    body: string,
    signal: AbortSignal,
  ): Promise<Reply> => {
    const response = await environment.fetch(`${url.replace(/\/$/, '')}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersWith(accessToken) },
      // Cookies go along to the page's own origin, and to another one that is named.
      credentials: 'include',
      // A proxy that has gone astray must not send passwords on to somebody else.
      redirect: 'error',
      signal,
      body,
      keepalive,
    });
    return readReply(await response.text());
  };

  return (request) =>
    new Promise((resolve) => {
      // Nothing where there is no input. Before all else: what is broken in the page is not told as the network's
      // fault.
      const body = JSON.stringify(request.input);
      const controller = new AbortController();
      const settle = (reply: Reply): void => {
        stopTimer();
        stopListening();
        resolve(reply);
      };
      const fail = (cause: unknown): void => settle({ kind: 'nothing', cause });
      const giveUp = (): void => {
        controller.abort();
        fail(controller.signal.reason);
      };
      const stopTimer = environment.setTimer(giveUp, request.timeoutMs);

      const stopListening = listen(request.signals, ['abort'], giveUp);
      if (request.signals.some((signal) => signal?.aborted)) return giveUp();
      send(request, body, controller.signal).then(settle, fail);
    });
};
