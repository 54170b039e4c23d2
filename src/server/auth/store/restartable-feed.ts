import type { RevocationFeed } from './revocation-feed.ts';

/**
 * A feed that can be started again after a stop. What it is made of runs once: whatever comes late from before the stop
 * says nothing of the next run.
 */
export const restartableFeed = (create: () => RevocationFeed): RevocationFeed => {
  let feed = create();
  return {
    start: (listener) => feed.start(listener),
    isLive: () => feed.isLive(),
    lag: () => feed.lag(),
    announce: (notices) => feed.announce(notices),
    stop: () => {
      const stopped = feed;
      feed = create();
      return stopped.stop();
    },
  };
};
