import type { SessionSummary } from 'latchkey/shared';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';
import { When } from '../ui/when.tsx';
import { explain } from '../words/explain.ts';
import { describeDevice } from './device.ts';
import { DeviceIcon } from './device-icon.tsx';
import { useEndSession } from './use-end-session.ts';

interface SessionItemProps {
  session: SessionSummary;
  now: number;
}

/** A session, drawn as the tag of a key. */
export const SessionItem = ({ session, now }: SessionItemProps) => {
  const device = describeDevice(session.userAgent);
  const end = useEndSession(session);

  return (
    <li
      className={classes(
        'rounded-3xl border bg-surface p-5 shadow-card sm:rounded-l-[3.5rem] sm:pl-7',
        session.current ? 'border-brass' : 'border-line',
      )}
    >
      <div className="flex flex-wrap items-center gap-x-5 gap-y-4">
        <span
          className={classes(
            'grid size-12 shrink-0 place-items-center rounded-full',
            session.current ? 'bg-brass-soft text-on-brass' : 'bg-sunken text-muted',
          )}
        >
          <DeviceIcon kind={device.kind} className="size-6" />
        </span>
        <div className="min-w-44 flex-1">
          <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-lg/snug font-bold">
            {device.name}
            {session.current && (
              <span className="rounded-full bg-brass-soft px-2.5 py-0.5 font-sans text-[0.8125rem] font-semibold text-on-brass">
                This device
              </span>
            )}
          </h2>
          <p className="mt-1 text-[0.9375rem] text-muted">
            Last seen <When at={session.lastSeenAt} now={now} byHour />
            {session.ip !== null && (
              <>
                {' '}
                from <span className="wrap-anywhere">{session.ip}</span>
              </>
            )}
          </p>
          <p className="text-[0.9375rem] text-muted">
            Signed in <When at={session.createdAt} now={now} />
          </p>
        </div>
        <Button variant="danger" pending={end.isPending} onClick={() => end.mutate()} className="max-sm:w-full">
          End session
        </Button>
      </div>
      {end.error !== null && (
        <div className="mt-4">
          <Alert refusal={explain(end.error)} />
        </div>
      )}
    </li>
  );
};
