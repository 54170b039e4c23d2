import { Skeleton } from '../ui/skeleton.tsx';

export const NotesSkeleton = () => (
  <div aria-busy="true" className="grid gap-6 border-y border-line py-5">
    <p className="sr-only">Loading your notes</p>
    <Skeleton className="h-5 w-3/4" />
    <Skeleton className="h-5 w-1/2" />
    <Skeleton className="h-5 w-2/3" />
  </div>
);
