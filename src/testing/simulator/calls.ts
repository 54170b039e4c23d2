import { isGateReason } from 'latchkey/shared';
import type { Transit } from './network.ts';
import { reasonIn } from './replies.ts';
import type { ServerRequest } from './server.ts';
import type { Watch } from './violations.ts';

/** What the resolver of a call does: it always has its effect, and then it may fail. */
export const CALL_FATES = ['ok', 'ok', 'unauthorized', 'crash'] as const;

export interface AppCall {
  id: number;
  tab: number;
  /** Who was signed in when it was made, null for nobody or somebody unknown. */
  madeBy: string | null;
  controller: AbortController;
  sent: Transit[];
  hasSettled: boolean;
  end: () => void;
}

/** The calls of the app, and the rule under which one may be sent twice. */
export const createCalls = (watch: Watch) => {
  let calls: AppCall[] = [];
  const carriedOut = new WeakSet<ServerRequest>();
  let made = 0;

  const callOf = (input: Record<string, unknown>): AppCall | undefined => calls.find(({ id }) => id === input['call']);

  return {
    open: (): AppCall[] => calls.filter(({ hasSettled }) => !hasSettled),

    make(tab: number, madeBy: string | null): AppCall {
      made += 1;
      const call: AppCall = {
        id: made,
        tab,
        madeBy,
        controller: new AbortController(),
        sent: [],
        hasSettled: false,
        end() {
          call.hasSettled = true;
        },
      };
      // The oldest are done with: no request of theirs is about any more.
      calls = [...calls.slice(-200), call];
      return call;
    },

    onSend(transit: Transit): void {
      const call = callOf(transit.request.input);
      if (call === undefined) return;
      const last = call.sent.at(-1);
      call.sent.push(transit);
      if (call.hasSettled) watch.violated('retry', `call ${call.id} was sent after it had settled`);
      if (last === undefined) return;
      const reason = reasonIn(last.waiter.heard);
      if (call.sent.length > 2) watch.violated('retry', `call ${call.id} was sent ${call.sent.length} times`);
      if (!last.isReplaced && carriedOut.has(last.request))
        watch.violated('retry', `call ${call.id} was sent again although it was carried out`);
      if (!isGateReason(reason)) watch.violated('retry', `call ${call.id} was sent again after ${String(reason)}`);
    },

    onResolve(request: ServerRequest, userId: string): void {
      carriedOut.add(request);
      const call = callOf(request.input);
      if (call === undefined || call.madeBy === null || call.madeBy === userId) return;
      watch.violated('identity', `call ${call.id} of ${call.madeBy} was carried out for ${userId}`);
    },
  };
};

export type Calls = ReturnType<typeof createCalls>;
