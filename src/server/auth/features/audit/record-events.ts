import { sql } from 'kysely';
import type { Clock } from '../../clock.ts';
import { givenRows } from '../../store/given-rows.ts';
import { prepare } from '../../store/prepared-statement.ts';
import type { Recorder } from '../../store/recording.ts';
import type { AuthDatabase, Dialect } from '../../store/tables.ts';
import { type EventRow, withEvents } from './audit-tables.ts';
import { createEventIds } from './event-ids.ts';
import { eventRowOf } from './event-row.ts';

const COLUMNS = {
  id: 'text',
  at: 'bigint',
  event: 'text',
  outcome: 'text',
  user_id: 'text',
  actor_id: 'text',
  session_id: 'text',
  ip: 'text',
  user_agent: 'text',
  request_id: 'text',
  detail: 'text',
} as const satisfies Record<keyof EventRow, string>;

const NAMES = sql.raw(Object.keys(COLUMNS).join(', '));

/** Writes a row for each event, all by one statement, in the transaction of what they tell. */
export const createEventRecorder = ({
  database,
  dialect,
  clock,
}: {
  database: AuthDatabase;
  dialect: Dialect;
  clock: Pick<Clock, 'now'>;
}): Recorder => {
  const nextId = createEventIds(clock.now);
  const insertOne = prepare<EventRow>()((value) =>
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
  return async (events, transaction) => {
    const rows = events.map((event) => eventRowOf(event, nextId(), clock.now()));
    const [row] = rows;
    if (rows.length === 1 && row !== undefined) await insertOne(transaction, row);
    else {
      await sql`insert into auth_events (${NAMES})
        select ${NAMES} from ${givenRows(dialect, { as: 'e', columns: COLUMNS, rows })}`.execute(transaction);
    }
  };
};
