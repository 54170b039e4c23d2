import { trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { LoadFailure } from '../ui/load-failure.tsx';
import { ActivityItem } from './activity-item.tsx';
import { ActivitySkeleton } from './activity-skeleton.tsx';

const PAGE = { limit: 20 };

export const ActivityList = () => {
  const { data, error, refetch, isFetching, dataUpdatedAt, hasNextPage, fetchNextPage, isFetchingNextPage } =
    trpc.events.list.useInfiniteQuery(PAGE, { getNextPageParam: ({ nextCursor }) => nextCursor });
  const events = data?.pages.flatMap((page) => page.events) ?? [];

  return (
    <div className="mt-8 grid gap-4">
      {error !== null && <LoadFailure error={error} isFetching={isFetching} refetch={refetch} />}
      {data === undefined && error === null && <ActivitySkeleton />}
      {data !== undefined && events.length === 0 && <p className="text-muted">Nothing has happened yet.</p>}
      {events.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-redundant-roles -- Safari drops the role of a list without bullets
        <ul role="list" className="divide-y divide-line border-y border-line">
          {events.map((event) => (
            <ActivityItem key={event.id} event={event} now={dataUpdatedAt} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className="mx-auto mt-2" pending={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
};
