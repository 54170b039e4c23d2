import type { User } from 'latchkey/shared';

export const ada: User = {
  id: 'user-ada',
  username: 'ada',
  email: 'ada@example.com',
  emailVerified: false,
  roles: ['user'],
  createdAt: '2026-01-01T00:00:00.000Z',
};
