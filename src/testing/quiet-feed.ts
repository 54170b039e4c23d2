import type { RevocationFeed } from '#server/auth/index.ts';

/** A live feed that asks nothing of the store: what is counted is what the calls ask. */
export const quietFeed: RevocationFeed = {
  start: () => Promise.resolve(),
  isLive: () => true,
  lag: () => 0,
  announce: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};
