import type { Clock } from '../../clock.ts';
import { prepare } from '../../store/prepared-statement.ts';
import type { Recorder } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { type EventRow, withEvents } from './audit-tables.ts';
import { createEventIds } from './event-ids.ts';
import { eventRowOf } from './event-row.ts';

/** Writes a row for each event, by one statement, in the transaction of what it tells. */
export const createEventRecorder = ({
  database,
  clock,
}: {
  database: AuthDatabase;
  clock: Pick<Clock, 'now'>;
}): Recorder => {
  const nextId = createEventIds(clock.now);
  const insert = prepare<EventRow>()((value) =>
    withEvents(database).insertInto('auth_events').values({
      id: value.id,
      at: value.at,
      event: value.event,
      outcome: value.outcome,
      user_id: value.user_id,
      actor_id: value.actor_id,
      session_id: value.session_id,
      ip: value.ip,
      user_agent: value.user_agent,
      request_id: value.request_id,
      detail: value.detail,
    }),
  );
  return async (event, transaction) => {
    await insert(transaction, eventRowOf(event, nextId(), clock.now()));
  };
};
