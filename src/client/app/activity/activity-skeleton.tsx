import { Skeleton } from '../ui/skeleton.tsx';

export const ActivitySkeleton = () => (
  <div aria-busy="true" className="grid gap-3">
    <p className="sr-only">Loading what happened</p>
    <Skeleton className="h-16" />
    <Skeleton className="h-16" />
    <Skeleton className="h-16" />
  </div>
);
