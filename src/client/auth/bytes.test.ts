import { expect, test } from 'vitest';
import { measureClientBytes } from '#testing/client-bytes.ts';

/** Of gzipped JavaScript, in a page that has tRPC's client, TanStack Query and React. */
const BUDGET = 8_000;

test(`the client adds at most ${BUDGET} bytes to a page`, async ({ annotate }) => {
  const { total, parts, eventSource } = await measureClientBytes();
  const lines = Object.entries(parts).map(([name, { gzipped }]) => `${name} ${gzipped}`);
  await annotate(`${total.gzipped} bytes: ${lines.join(', ')}; the package eventsource ${eventSource.gzipped} more`);
  expect(total.gzipped).toBeLessThanOrEqual(BUDGET);
});
