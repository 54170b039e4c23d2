import { percentile } from './statistics.ts';

/** Of latencies in milliseconds. */
export const summarise = (latencies: readonly number[]) => ({
  p50: percentile(latencies, 0.5),
  p99: percentile(latencies, 0.99),
  max: percentile(latencies, 1),
});
