import { useQuery } from '@tanstack/react-query';
import type { User } from 'latchkey/shared';
import { trpc } from './trpc.ts';

export const Home = ({ user, onSignOut }: { user: User; onSignOut: () => void }) => {
  const hello = useQuery(trpc.hello.queryOptions());

  return (
    <>
      <h1>{user.username}</h1>
      <p aria-live="polite">{hello.data?.greeting}</p>
      {hello.data && (
        <p>
          With us since <time dateTime={hello.data.since.toISOString()}>{hello.data.since.getFullYear()}</time>, on the
          plan {hello.data.plan}.
        </p>
      )}
      {hello.error && <p role="alert">{hello.error.message}</p>}
      <button onClick={() => void hello.refetch()}>Say hello</button>
      <button onClick={onSignOut}>Sign out</button>
    </>
  );
};
