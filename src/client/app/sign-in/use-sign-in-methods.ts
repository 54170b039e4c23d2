import { trpc } from '../trpc.ts';

/** How people sign in on this server, which does not change while the page is open. Undefined until it is known. */
export const useSignInMethods = () =>
  trpc.auth.methods.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY }).data;
