import type { AuthEnvironment } from '../environment.ts';
import { listen, type Signals } from '../internal/listen.ts';
import { type Answer, readAnswer } from './answer.ts';
import { headersWith } from './headers.ts';

export interface ProcedureCall {
  path: string;
  input?: unknown;
  accessToken?: string | undefined;
  /** Any of them gives the call up. */
  signals: Signals;
  /** Milliseconds, after which the answer counts as lost. */
  timeout: number;
  /** Whether the request outlives the page. */
  keepalive?: boolean;
}

/** Never rejects. Settles at the latest with the timeout or a signal, even if the network does neither. */
export type ProcedureCaller = (call: ProcedureCall) => Promise<Answer>;

/**
 * The engine's own way to the server, for the procedures that write cookies: one request each, outside the app's links, so
 * that a refresh never waits for a call that waits for the refresh.
 */
export const createProcedureCaller = (url: string, environment: AuthEnvironment): ProcedureCaller => {
  const request = async ({ path, input, accessToken, keepalive = false }: ProcedureCall, signal: AbortSignal) => {
    const response = await environment.fetch(`${url.replace(/\/$/, '')}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersWith(accessToken) },
      // Cookies go along to the page's own origin, and to another one that is named.
      credentials: 'include',
      // A proxy that has gone astray must not send passwords on to somebody else.
      redirect: 'error',
      signal,
      // Nothing where there is no input.
      body: JSON.stringify(input),
      keepalive,
    });
    return readAnswer(await response.text());
  };

  return (call) =>
    new Promise((resolve) => {
      const controller = new AbortController();
      const settle = (answer: Answer): void => {
        stopTimer();
        stopListening();
        resolve(answer);
      };
      const fail = (cause: unknown): void => settle({ kind: 'nothing', cause });
      const giveUp = (): void => {
        controller.abort();
        fail(controller.signal.reason);
      };
      const stopTimer = environment.setTimer(giveUp, call.timeout);

      const stopListening = listen(call.signals, ['abort'], giveUp);
      if (call.signals.some((signal) => signal?.aborted)) return giveUp();
      request(call, controller.signal).then(settle, fail);
    });
};
