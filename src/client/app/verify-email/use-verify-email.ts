import { fieldsOf, reasonOf } from 'latchkey/client';
import { useAuth } from 'latchkey/react';
import { useState } from 'react';
import type { MailedLink } from '../mailed-link/mailed-links.ts';
import { useIsOfAnother } from '../mailed-link/whose-link.tsx';
import { trpc } from '../trpc.ts';

export interface VerifyEmailValues {
  token: string;
  password: string;
  username: string;
}

/**
 * Confirms an address. Within the account's own session that is all; elsewhere its password says whose address it is to
 * be. Which of it the server asks for, it says itself, since a link alone does not tell.
 */
export const useVerifyEmail = (link: MailedLink | null) => {
  const { user } = useAuth();
  const isOfAnother = useIsOfAnother(link);
  const { client } = trpc.useUtils();
  const [isDone, setIsDone] = useState(false);
  const [isAsked, setIsAsked] = useState({ password: false, username: false });

  const send = async ({ token, password, username }: VerifyEmailValues): Promise<void> => {
    try {
      // By the client itself: with a password it signs in, and what the query client has under way as the user before
      // is dropped then.
      await client.auth.verifyEmail.mutate({
        token,
        ...(password !== '' && { password }),
        ...(username !== '' && { username }),
      });
    } catch (error) {
      setIsAsked((asked) => ({
        password: asked.password || fieldsOf(error)?.fieldErrors['password'] !== undefined,
        username: asked.username || reasonOf(error) === 'username_taken',
      }));
      throw error;
    }
    setIsDone(true);
    // The address in the header of this page, and elsewhere, is as new as its token.
    if (user !== undefined) await client.user.me.query().catch(() => undefined);
  };

  return {
    send,
    isDone,
    asksPassword: user === undefined || isOfAnother || isAsked.password,
    asksUsername: isAsked.username,
    /** By the server, which was sent none. */
    isAskedForPassword: isAsked.password,
  };
};
