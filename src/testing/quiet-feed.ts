import type { RevocationFeed } from '#server/auth/index.ts';

/** A feed that is live, hears nothing and asks nothing of the store: what is counted or measured is the calls'. */
export const quietFeed: RevocationFeed = {
  start: () => Promise.resolve(),
  isLive: () => true,
  lag: () => 0,
  announce: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};
