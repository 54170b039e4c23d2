import { Skeleton } from '../ui/skeleton.tsx';

export const SessionsSkeleton = () => (
  <div aria-busy="true" className="mt-8 grid gap-4">
    <p className="sr-only">Loading your sessions</p>
    <Skeleton className="h-28 rounded-3xl" />
    <Skeleton className="h-28 rounded-3xl" />
  </div>
);
