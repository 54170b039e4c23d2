import { accountsSlot } from './accounts/accounts.ts';
import { aroundCallSlot } from './around-call.ts';
import type { Auth } from './auth.ts';
import { type AuthOptions, createServices, type Services } from './create-services.ts';
import { reportSlot } from './events.ts';
import { gateSlot } from './gate.ts';
import { rateLimiterSlot } from './limits/rate-limiter.ts';
import { sessionCookiesSlot } from './sessions/session-cookies.ts';
import { sessionsSlot } from './sessions/sessions.ts';
import { subscriptionsSlot } from './subscriptions.ts';

/** What an app holds of the services, each of which is put where the routers find it. */
export const assembleAuth = (services: Services): Auth => {
  const { origin, allowedOrigins, revocations, subscriptions, purging, rateLimiter } = services;
  const auth: Auth = {
    origin,
    allowedOrigins,
    start: async () => {
      await revocations.start();
      purging.start();
    },
    stop: async () => {
      await purging.stop();
      await revocations.stop();
    },
    endStreams: subscriptions.endAll,
    isReady: revocations.isLive,
    figures: () => ({
      isFeedLive: revocations.isLive(),
      feedLagMs: revocations.lag(),
      openSubscriptions: subscriptions.count(),
      purgedRows: purging.counts(),
      rateLimited: rateLimiter.refused(),
    }),
  };
  gateSlot.fill(auth, services.gate);
  subscriptionsSlot.fill(auth, subscriptions);
  reportSlot.fill(auth, services.report);
  aroundCallSlot.fill(auth, services.aroundCall);
  sessionsSlot.fill(auth, services.sessions);
  sessionCookiesSlot.fill(auth, services.cookies);
  accountsSlot.fill(auth, services.accounts);
  rateLimiterSlot.fill(auth, rateLimiter);
  return auth;
};

/** The server half of the stack. */
export const createAuth = (options: AuthOptions): Auth => assembleAuth(createServices(options));
