import { useMutation } from '@tanstack/react-query';
import { useAuth } from 'latchkey/react';
import { Button } from '../ui/button.tsx';

/** Who is signed in, and the way out. */
export const AccountMenu = ({ username }: { username: string }) => {
  const { signOut } = useAuth();
  const leave = useMutation({ mutationFn: signOut });

  return (
    <div className="flex min-w-0 flex-1 items-center justify-end gap-1">
      <p className="flex min-w-0 text-[0.9375rem]">
        <span className="sr-only">Signed in as </span>
        <span className="truncate font-semibold sm:max-w-56">{username}</span>
      </p>
      <Button variant="quiet" pending={leave.isPending} onClick={() => leave.mutate()} className="-mr-3">
        Sign out
      </Button>
    </div>
  );
};
