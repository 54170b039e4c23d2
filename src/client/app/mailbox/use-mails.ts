import { useQuery } from '@tanstack/react-query';
import { z } from 'zod/v4';

const mailsSchema = z.array(
  z.object({ id: z.string(), kind: z.string(), to: z.string(), at: z.string(), subject: z.string(), text: z.string() }),
);

const REFETCH_MS = 2_000;

/** The mails that this development server has kept in place of sending them, newest first. */
export const useMails = () =>
  useQuery({
    queryKey: ['mailbox'],
    refetchInterval: REFETCH_MS,
    queryFn: async () => {
      const response = await fetch('/mailbox/mails.json');
      if (!response.ok) throw new Error(`The mailbox answered ${response.status}.`);
      return mailsSchema.parse(await response.json());
    },
  });
