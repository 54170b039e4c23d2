import { createNodeHandler } from 'latchkey/node';
import { auth } from '../../../server/auth.ts';
import { appRouter } from '../../../server/router.ts';

// The handler reads bodies itself, so that nothing is parsed before it is known who may send it.
export const config = { api: { bodyParser: false, externalResolver: true } };

export default createNodeHandler({ auth, router: appRouter });
