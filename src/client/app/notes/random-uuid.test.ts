import { expect, test } from 'vitest';
import { z } from 'zod/v4';
import { randomUuid } from './random-uuid.ts';

test('a random id is a UUID of version 4, and never the same', () => {
  const ids = Array.from({ length: 1_000 }, randomUuid);
  for (const id of ids) expect(z.uuid({ version: 'v4' }).safeParse(id).success).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});
