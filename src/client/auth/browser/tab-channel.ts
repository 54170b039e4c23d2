import type { TabChannel } from '../environment.ts';
import { listen, together } from '../internal/listen.ts';

const NAME = 'latchkey';

/** The browser's own; undefined where there is none. For pages: in Node.js an open one keeps the process alive. */
export const broadcastChannel = (): TabChannel | undefined => {
  if (typeof BroadcastChannel === 'undefined') return undefined;
  let channel: BroadcastChannel | null = null;

  return {
    notify: () => channel?.postMessage(null),
    listen(listener) {
      const open = (): void => {
        channel ??= new BroadcastChannel(NAME);
        channel.addEventListener('message', listener);
      };
      // A word that reaches a page in the back-forward cache makes the browser throw the page away. It looks when it is
      // shown.
      const close = (): void => {
        channel?.close();
        channel = null;
      };
      open();
      return together(listen([window], ['pageshow'], open), listen([window], ['pagehide'], close), close);
    },
  };
};
