import { createAuthClient } from 'latchkey/client';
import superjson from 'superjson';

export const auth = createAuthClient({ url: '/api/trpc', transformer: superjson });
