import { createTRPCUntypedClient, type TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';

interface WithLink {
  link: () => TRPCLink<AnyRouter>;
}

/**
 * Calls a mutation of the router `auth` for a feature. It goes no further than the session link, and so through the
 * engine: alone, with the token of its moment, once more where that is refused, and the session that it grants is taken
 * over.
 */
export const mutate = async ({ link }: WithLink, path: `auth.${string}`, input: unknown): Promise<void> => {
  await createTRPCUntypedClient({ links: [link()] }).mutation(path, input);
};
