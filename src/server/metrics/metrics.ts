import { setTimeout as delay } from 'node:timers/promises';
import type { AroundCall, Auth, AuthEvent } from 'latchkey/server';
import { countWaitingMails, type MailEvent } from 'latchkey/server/mail';
import type { PasswordEvent, PasswordService } from 'latchkey/server/passwords';
import type { RecoveryEvent } from 'latchkey/server/recovery';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** From a call that reads nothing to one that waits for its turn behind password hashes, in seconds. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const SECOND = 1000;

export interface Metrics {
  registry: Registry;
  onEvent: (event: AuthEvent<PasswordEvent | MailEvent | RecoveryEvent>) => void;
  /** Takes each call's time. */
  aroundCall: AroundCall;
  /** Counts a call that was refused, by its reason. */
  countRefusal: (reason: string) => void;
  /** What is looked up whenever somebody asks for it. */
  observe: (sources: { auth: Auth; passwords: PasswordService }) => void;
}

/**
 * What Prometheus is told of this process. Every label has a handful of values, none of which a client can make up.
 * @param monotonicNow in milliseconds, from any start.
 */
export const createMetrics = ({ monotonicNow }: { monotonicNow: () => number }): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const events = new Counter({
    name: 'latchkey_auth_events_total',
    help: 'Authentication events, by kind.',
    labelNames: ['event'],
    registers,
  });
  const refreshes = new Counter({
    name: 'latchkey_refreshes_total',
    help: 'Refreshes by outcome: rotate, fork, replay, recover, or the reason of the refusal.',
    labelNames: ['outcome'],
    registers,
  });
  const reuses = new Counter({
    name: 'latchkey_refresh_token_reuse_total',
    help: 'Sessions that ended because a refresh token that was void came back: a copy of it is about.',
    registers,
  });
  const ended = new Counter({
    name: 'latchkey_sessions_ended_total',
    help: 'Sessions that were ended before their time, by cause.',
    labelNames: ['cause'],
    registers,
  });
  const failedMails = new Counter({
    name: 'latchkey_mails_failed_total',
    help: 'Mails that will never arrive, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const refusals = new Counter({
    name: 'latchkey_refused_calls_total',
    help: 'Calls that were refused or failed, by reason, or by code where there is no reason.',
    labelNames: ['reason'],
    registers,
  });
  const durations = new Histogram({
    name: 'latchkey_call_duration_seconds',
    help: 'How long a call took, from its gate to its result; a subscription until it began.',
    labelNames: ['procedure', 'result'],
    buckets: DURATION_BUCKETS,
    registers,
  });

  return {
    registry,
    onEvent: (event) => {
      events.inc({ event: event.event });
      if (event.event === 'session.refreshed') refreshes.inc({ outcome: event.how });
      if (event.event === 'refresh.refused') refreshes.inc({ outcome: event.reason });
      if (event.event === 'mail.failed') failedMails.inc({ reason: event.reason });
      if (event.event === 'session.ended') {
        ended.inc({ cause: event.cause });
        if (event.cause === 'reuse') reuses.inc();
      }
    },
    aroundCall: async ({ procedure }, run) => {
      const start = monotonicNow();
      let succeeded = false;
      try {
        const result = await run();
        succeeded = result.ok;
        return result;
      } finally {
        durations.observe({ procedure, result: succeeded ? 'ok' : 'error' }, (monotonicNow() - start) / SECOND);
      }
    },
    countRefusal: (reason) => refusals.inc({ reason }),
    observe: ({ auth, passwords }) => observeAuth(registry, auth, passwords),
  };
};

/** The names and values of a map as one counter that only its owner raises. */
const countersOf = (
  registry: Registry,
  { name, help, label }: { name: string; help: string; label: string },
  read: () => Iterable<[string, number]>,
): void => {
  const counter: Counter = new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [value, count] of read()) counter.inc({ [label]: value }, count);
    },
  });
};

const gaugeOf = (registry: Registry, name: string, help: string, read: () => number | Promise<number>): void => {
  const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: async () => gauge.set(await read()) });
};

/** A database that is away keeps nobody from the other figures. */
const MAX_COUNTING_MS = SECOND;

const waitingMails = async (auth: Auth): Promise<number> =>
  await Promise.race([
    countWaitingMails(auth).catch(() => Number.NaN),
    delay(MAX_COUNTING_MS, Number.NaN, { ref: false }),
  ]);

const observeAuth = (registry: Registry, auth: Auth, passwords: PasswordService): void => {
  gaugeOf(
    registry,
    'latchkey_revocation_feed_live',
    '1 while revocations of other processes arrive, 0 while the database is asked instead.',
    () => (auth.figures().isFeedLive ? 1 : 0),
  );
  gaugeOf(
    registry,
    'latchkey_revocation_feed_lag_seconds',
    'How long ago the feed last proved that it delivers: what was revoked before is known here.',
    () => auth.figures().feedLagMs / SECOND,
  );
  gaugeOf(registry, 'latchkey_password_queue_length', 'Passwords that wait for their turn to be hashed.', () =>
    passwords.waiting(),
  );
  gaugeOf(
    registry,
    'latchkey_mails_waiting',
    'Mails of all processes that wait to be sent; NaN while the database does not answer.',
    () => waitingMails(auth),
  );
  gaugeOf(
    registry,
    'latchkey_open_subscriptions',
    'Subscriptions that are open on this process.',
    () => auth.figures().openSubscriptions,
  );
  countersOf(
    registry,
    { name: 'latchkey_purged_rows_total', help: 'Rows that were over and were removed, by kind.', label: 'kind' },
    () => auth.figures().purgedRows,
  );
  countersOf(
    registry,
    { name: 'latchkey_rate_limited_total', help: 'Attempts that met a limit, by the limit.', label: 'limit' },
    () => auth.figures().rateLimited,
  );
};
