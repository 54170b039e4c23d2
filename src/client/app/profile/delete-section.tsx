import { useMutation } from '@tanstack/react-query';
import { useAuth } from 'latchkey/react';
import { useState } from 'react';
import { useDeletedAccount } from '../sign-in/deleted-account.tsx';
import { trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/section.tsx';
import { DeleteDialog } from './delete-dialog.tsx';

export const DeleteSection = () => {
  const { user } = useAuth();
  const [isOpen, setIsOpen] = useState(false);
  const { remember } = useDeletedAccount();
  const { client } = trpc.useUtils();
  const deletion = useMutation({
    mutationFn: async (input: { confirm: string }) => {
      // The client forgets the session of an account that is gone, in every tab, and with it what follows a mutation.
      await client.auth.deleteAccount.mutate(input);
      remember();
    },
  });
  const name = user?.username ?? user?.email;
  if (user === undefined || name === undefined || name === null) return null;

  return (
    <Section title="Delete account" lead="Your account and your notes are gone for good, on every device.">
      <Button variant="danger" pending={deletion.isPending} onClick={() => setIsOpen(true)} className="max-sm:w-full">
        Delete account
      </Button>
      <DeleteDialog
        // Where it has to be confirmed who it is, that is asked in a dialog of its own.
        isOpen={isOpen && !deletion.isPending}
        name={name}
        label={user.username === null ? 'Type your e-mail' : 'Type your username'}
        error={deletion.error}
        onConfirm={(confirm) => deletion.mutate({ confirm })}
        onClose={() => {
          setIsOpen(false);
          deletion.reset();
        }}
      />
    </Section>
  );
};
