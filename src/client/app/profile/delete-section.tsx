import { useAuth } from 'latchkey/react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/section.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { useDeleteAccount } from './use-delete-account.ts';

export const DeleteSection = () => {
  const { user } = useAuth();
  const [isOpen, setIsOpen] = useState(false);
  const deletion = useDeleteAccount();
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
        deletion={deletion}
        onClose={() => {
          setIsOpen(false);
          deletion.reset();
        }}
      />
    </Section>
  );
};
