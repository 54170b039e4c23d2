import { expect, test } from 'vitest';
import { measureClientBytes } from '#testing/client-bytes.ts';

/** Of gzipped JavaScript, in a page that has tRPC's client and React. It is to stay below 8,000. */
const BUDGET = 7_990;
/** Beside it, in an app that has TanStack Query. */
const BUDGET_FOR_QUERIES = 1_000;

test(`the client adds at most ${BUDGET} bytes to a page`, async ({ annotate }) => {
  const { total, parts, queries, eventSource } = await measureClientBytes();
  const lines = Object.entries(parts).map(([name, { gzipped }]) => `${name} ${gzipped}`);
  await annotate(
    `${total.gzipped} bytes: ${lines.join(', ')}; queries ${queries.gzipped} more, the package eventsource ${eventSource.gzipped}`,
  );
  expect(total.gzipped).toBeLessThanOrEqual(BUDGET);
  expect(queries.gzipped).toBeLessThanOrEqual(BUDGET_FOR_QUERIES);
});
