import { z } from 'zod/v4';
import { revocationCauseOf } from '../revocation-cause.ts';
import type { RevocationFeed, RevocationNotice } from '../revocation-feed.ts';
import { revocationChannel } from '../revocation-triggers.ts';
import type { PostgresListener } from './listener.ts';

const noticeSchema: z.ZodType<RevocationNotice> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), sid: z.string(), cause: z.unknown().transform(revocationCauseOf) }),
  z.object({ kind: z.literal('user'), userId: z.string(), ver: z.int() }),
]);

const readNotice = (payload: string): RevocationNotice | undefined => {
  try {
    return noticeSchema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined; // Somebody else's notice on our channel.
  }
};

/** The revocation feed on Postgres: triggers of `authMigrations` notify, a listener hears. */
export const createPostgresFeed = (listener: PostgresListener, schema: string): RevocationFeed => ({
  start: ({ catchUp, notice }) => {
    listener.listen(revocationChannel(schema), {
      catchUp,
      notice: (payload) => {
        const known = readNotice(payload);
        if (known !== undefined) notice(known);
      },
    });
    return listener.start();
  },
  isLive: listener.isLive,
  lag: listener.lag,
  stop: listener.stop,
});
