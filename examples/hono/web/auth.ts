import { createAuthClient } from 'latchkey/client';

export const auth = createAuthClient({ url: '/api/trpc' });
