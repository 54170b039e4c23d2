import type { EventSummary } from 'latchkey/shared';
import { describeDevice } from '../sessions/device.ts';
import { classes } from '../ui/classes.ts';
import { When } from '../ui/when.tsx';
import { eventWords, isAlarming } from '../words/event-words.ts';

/** What happened, when, and from where: where somebody else did it, that is theirs alone. */
export const ActivityItem = ({ event, now }: { event: EventSummary; now: number }) => (
  <li className={classes('border-l-4 py-4 pl-4', isAlarming(event) ? 'border-danger' : 'border-transparent')}>
    <p className="font-semibold">{eventWords(event)}</p>
    <p className="mt-1 text-[0.9375rem] text-muted">
      <When at={event.at} now={now} />
      {event.userAgent !== null && <> with {describeDevice(event.userAgent).name}</>}
      {event.ip !== null && (
        <>
          {' '}
          from <span className="wrap-anywhere">{event.ip}</span>
        </>
      )}
    </p>
  </li>
);
