import { trpc } from '../trpc.ts';
import { LoadFailure } from '../ui/load-failure.tsx';
import { EndOthers } from './end-others.tsx';
import { SessionItem } from './session-item.tsx';
import { SessionsSkeleton } from './sessions-skeleton.tsx';

export const SessionList = () => {
  const { data: sessions, error, refetch, isFetching, dataUpdatedAt } = trpc.sessions.list.useQuery();

  if (error !== null && sessions === undefined) {
    return (
      <div className="mt-8">
        <LoadFailure error={error} isFetching={isFetching} refetch={refetch} />
      </div>
    );
  }
  if (sessions === undefined) return <SessionsSkeleton />;

  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-redundant-roles -- Safari drops the role of a list without bullets */}
      <ul role="list" className="mt-8 grid gap-4">
        {sessions.map((session) => (
          <SessionItem key={session.id} session={session} now={dataUpdatedAt} />
        ))}
      </ul>
      <EndOthers others={sessions.filter(({ current }) => !current).length} />
    </>
  );
};
