import { createFetchHandler } from 'latchkey/fetch';
import { auth } from '../../../../server/auth.ts';
import { appRouter } from '../../../../server/router.ts';

const handler = createFetchHandler({
  auth,
  router: appRouter,
  // Next.js appends the address of the connection. Behind a proxy of your own, count from the end.
  address: (request) => request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim(),
});

export { handler as GET, handler as POST };
