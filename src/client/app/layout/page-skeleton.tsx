import { Skeleton } from '../ui/skeleton.tsx';

/** Stands in for a page while it is not yet known who is there. It looks like no page in particular. */
export const PageSkeleton = () => (
  <div aria-busy="true">
    <h1 className="sr-only">Loading</h1>
    <Skeleton className="h-10 w-56 max-w-full" />
    <Skeleton className="mt-8 h-14 w-full" />
    <Skeleton className="mt-4 h-14 w-full" />
    <Skeleton className="mt-4 h-14 w-2/3" />
  </div>
);
