import type { AuthEvent } from 'latchkey/server';
import type { MailEvent } from 'latchkey/server/mail';
import type { PasswordEvent } from 'latchkey/server/passwords';
import type { RecoveryEvent } from 'latchkey/server/recovery';
import { levelOf } from './event-level.ts';
import type { Log } from './log.ts';

type Event = AuthEvent<PasswordEvent | MailEvent | RecoveryEvent>;

/**
 * Writes a line for each event, and one alone where calls of a request are refused for one reason at the same time,
 * with how many they were: a batch of twenty is sent in less than a kilobyte. What changes something has a line of its
 * own, at once.
 *
 * @param defer runs later what it is given, when all calls of a request that can be refused at once have been. Default:
 * `setImmediate`.
 */
export const createEventLog = (log: Log, defer: (run: () => void) => void = setImmediate): ((event: Event) => void) => {
  let refused = new Map<string, { event: Event; calls: number }>();
  const write = (record: Event & { calls?: number }): void => log[levelOf(record)](record, 'auth');

  const writeRefused = (): void => {
    const those = refused;
    refused = new Map();
    for (const { event, calls } of those.values()) write(calls === 1 ? event : { ...event, calls });
  };

  return (event) => {
    if (event.event !== 'access.refused') {
      write(event);
      return;
    }
    const key = JSON.stringify([event.requestId, event.ip, event.reason]);
    const same = refused.get(key);
    if (same !== undefined) {
      same.calls += 1;
      return;
    }
    if (refused.size === 0) defer(writeRefused);
    refused.set(key, { event, calls: 1 });
  };
};
