import { type Clock, SECOND } from '../../clock.ts';
import { createInterrupt } from '../../interrupt.ts';
import { LEASE_MS, type MailStore } from './mail-store.ts';
import type { MailRow } from './mail-tables.ts';
import { retryDelay } from './retry-delay.ts';

/** What became of a try. */
export type Attempt = 'sent' | 'kept' | 'refused' | 'unreadable';

/** How a mail ends: it left, nobody wants it any more, or it will never arrive. */
export type Ending = 'sent' | 'kept' | 'dropped' | 'refused' | 'unreadable' | 'given_up';

export interface OutboxOptions {
  store: MailStore;
  clock: Clock;
  /** Tries to send one. @throws when it may be tried again. */
  send(mail: MailRow, signal: AbortSignal): Promise<Attempt>;
  /** Notes that one is over, and how. */
  end(mail: MailRow, how: Ending): Promise<void>;
  /** Called with the first error of a round, and with how many mails are to be tried again for such a one. */
  onDelay(error: unknown, mails: number): void;
  /** Called when the store could not be asked; it will be again. */
  onError(error: unknown): void;
}

/** How many mails are under way side by side. One that hangs holds up no other. */
const LANES = 5;

/** Well within the lease: the process that takes the mail next must not meet this one still sending it. */
const MAX_SENDING_MS = LEASE_MS - 15 * SECOND;

/** For mails that another process has queued and could not send. */
const LOOK_INTERVAL_MS = 10 * SECOND;

/** How long a stop waits for mails that are under way. They are tried again at the next start. */
const STOP_GRACE_MS = 300;

/**
 * Sends what is due. A mail is taken by a compare-and-swap, for a minute: of several processes one sends it, and if
 * that one dies another does afterwards. So each is sent at least once, and twice only if a process died between the
 * server's yes and the note of it.
 */
export const createOutbox = ({ store, clock, send, end, onDelay, onError }: OutboxOptions) => {
  const underWay = new Set<Promise<void>>();
  let looking: Promise<void> | undefined;
  let isAskedAgain = false;
  let isStopped = true;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let stopping = new AbortController();
  let cancelTimer = (): void => {};
  let delayed: { error: unknown; mails: number } | undefined;

  const trySending = async (mail: MailRow): Promise<Attempt> => {
    const timeout = new AbortController();
    const cancel = clock.after(MAX_SENDING_MS, () => timeout.abort());
    const signal = AbortSignal.any([timeout.signal, stopping.signal]);
    // A transport that does not listen holds nobody up.
    const interrupt = createInterrupt();
    const raise = (): void => interrupt.raise(new Error('The mail server took too long.'));
    signal.addEventListener('abort', raise);
    try {
      return await interrupt.race(send(mail, signal));
    } finally {
      cancel();
      signal.removeEventListener('abort', raise);
    }
  };

  const handle = async (mail: MailRow): Promise<void> => {
    const now = clock.now();
    if (!(await store.isWanted(mail, now))) {
      await end(mail, 'dropped');
      return;
    }
    if (now >= mail.ends_at) {
      await end(mail, 'given_up');
      return;
    }
    let attempt: Attempt;
    try {
      attempt = await trySending(mail);
    } catch (error) {
      const isCutOff = stopping.signal.aborted;
      if (!isCutOff) delayed = { error: delayed?.error ?? error, mails: (delayed?.mails ?? 0) + 1 };
      await store.postpone(mail, clock.now() + (isCutOff ? 0 : retryDelay(mail.attempts)));
      return;
    }
    await end(mail, attempt);
  };

  const begin = (mail: MailRow): void => {
    const work = handle(mail)
      .catch(onError)
      .finally(() => {
        underWay.delete(work);
        if (underWay.size === 0 && delayed !== undefined) {
          onDelay(delayed.error, delayed.mails);
          delayed = undefined;
        }
        // There is room for another one.
        look();
      });
    underWay.add(work);
  };

  const takeDue = async (): Promise<void> => {
    while (underWay.size < LANES && !isStopped) {
      const due = await store.listDue(clock.now(), LANES - underWay.size);
      if (due.length === 0) return;
      for (const seen of due) {
        const mail = isStopped ? undefined : await store.take(seen, clock.now());
        if (mail !== undefined) begin(mail);
      }
    }
  };

  const plan = async (): Promise<void> => {
    const next = await store.nextTryAt();
    const wait = next === undefined ? LOOK_INTERVAL_MS : Math.max(0, next - clock.now());
    cancelTimer();
    // With all lanes taken, the first that is free looks.
    const isFull = underWay.size >= LANES;
    if (!isStopped) cancelTimer = clock.after(isFull ? LOOK_INTERVAL_MS : Math.min(LOOK_INTERVAL_MS, wait), look);
  };

  const run = async (): Promise<void> => {
    isAskedAgain = false;
    lookedAt = clock.monotonic();
    try {
      await takeDue();
      if (!isAskedAgain) await plan();
    } catch (error) {
      isAskedAgain = false;
      onError(error);
      cancelTimer();
      if (!isStopped) cancelTimer = clock.after(LOOK_INTERVAL_MS, look);
    }
    looking = undefined;
    if (isAskedAgain) look();
  };

  /** Looks for what is due, at once or once more after the look that is under way. */
  const look = (): void => {
    if (isStopped) return;
    isAskedAgain = true;
    looking ??= run();
  };

  const settled = async (): Promise<void> => {
    while (looking !== undefined || underWay.size > 0) await Promise.all([looking, ...underWay]);
  };

  return {
    start: (): void => {
      isStopped = false;
      stopping = new AbortController();
      look();
    },
    stop: async (): Promise<void> => {
      isStopped = true;
      cancelTimer();
      const cancel = clock.after(STOP_GRACE_MS, () => stopping.abort());
      await settled();
      cancel();
    },
    look,
    /** Looks, and settles when all that is due has been tried. */
    once: (): Promise<void> => {
      look();
      return settled();
    },
    /** What is under way; begun if no timer has looked for as long as one would have. */
    pending: (): Promise<void> | undefined => {
      if (clock.monotonic() - lookedAt >= LOOK_INTERVAL_MS) look();
      return looking !== undefined || underWay.size > 0 ? settled() : undefined;
    },
  };
};
