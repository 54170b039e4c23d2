import { isRecord } from '../internal/record.ts';

/** One procedure call of a request. */
export interface HttpCall {
  path: string;
  input: unknown;
}

const parse = (text: unknown): unknown => (typeof text === 'string' ? JSON.parse(text) : undefined);

/** The calls in a request as tRPC's HTTP links write it: one, or a batch of them. */
export const readHttpCalls = (href: string, init: RequestInit): { isBatch: boolean; calls: HttpCall[] } => {
  const url = new URL(href, 'http://localhost');
  const name = decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  const input = parse(init.body ?? url.searchParams.get('input') ?? undefined);
  if (url.searchParams.get('batch') !== '1') return { isBatch: false, calls: [{ path: name, input }] };
  const inputs = isRecord(input) ? input : {};
  return { isBatch: true, calls: name.split(',').map((path, index) => ({ path, input: inputs[index] })) };
};
