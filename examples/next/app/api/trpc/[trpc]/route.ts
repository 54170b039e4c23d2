import { createFetchHandler } from 'latchkey/fetch';
import { auth } from '../../../../server/auth.ts';
import { appRouter } from '../../../../server/router.ts';

const handler = createFetchHandler({
  auth,
  router: appRouter,
  // As a proxy in front of Next.js appends it. Without one, anybody may write this header: leave `address` out then.
  address: (request) => request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim(),
});

export { handler as GET, handler as POST };
