import { trpc } from '../trpc.ts';
import { LoadFailure } from '../ui/load-failure.tsx';
import { Section } from '../ui/section.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { PasswordForm } from './password-form.tsx';

const PasswordSkeleton = () => (
  <div aria-busy="true" className="grid gap-5">
    <p className="sr-only">Loading</p>
    <Skeleton className="h-12" />
    <Skeleton className="h-12" />
    <Skeleton className="h-11 w-44 rounded-full" />
  </div>
);

/** Whether there is a password to be changed, or none yet, is asked first. */
export const PasswordSection = () => {
  const { data: factors, error, refetch, isFetching } = trpc.factors.list.useQuery();
  const hasPassword = factors?.hasPassword;

  return (
    <Section
      title="Password"
      lead={
        hasPassword === false
          ? 'Your account has none yet. With one, you can also sign in by name and password.'
          : 'A new one signs you out on all other devices.'
      }
    >
      {hasPassword !== undefined ? (
        <PasswordForm hasPassword={hasPassword} />
      ) : error === null ? (
        <PasswordSkeleton />
      ) : (
        <LoadFailure error={error} isFetching={isFetching} refetch={refetch} />
      )}
    </Section>
  );
};
