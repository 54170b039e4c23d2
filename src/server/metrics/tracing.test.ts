import { SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { refuse } from 'latchkey/server';
import { afterAll, expect, test } from 'vitest';
import { traceCall } from './tracing.ts';

afterAll(() => trace.disable());

const call = { procedure: 'notes.list', type: 'query', requestId: 'r1' } as const;

test('without an SDK a call gives what it gives', async () => {
  const result = { ok: true, data: 1 } as const;
  expect(await traceCall(call, async () => result)).toBe(result);
  await expect(traceCall(call, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
});

test('with an SDK, however late it comes, every call is a span, and a refusal says its reason', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  await traceCall(call, async () => ({ ok: true }));
  await traceCall(call, async () => ({ ok: false, error: refuse('role_required') }));
  await traceCall(call, () => Promise.reject(refuse('access_token_expired'))).catch(() => {});
  await traceCall(call, () => Promise.reject(new Error('canary'))).catch(() => {});

  const attributes = {
    'rpc.system': 'trpc',
    'rpc.method': 'notes.list',
    'trpc.type': 'query',
    'latchkey.request_id': 'r1',
  };
  const spans = exporter.getFinishedSpans();
  expect(spans.map((span) => [span.name, span.status.code, span.attributes])).toEqual([
    ['notes.list', SpanStatusCode.UNSET, attributes],
    ['notes.list', SpanStatusCode.ERROR, { ...attributes, 'error.type': 'role_required' }],
    ['notes.list', SpanStatusCode.ERROR, { ...attributes, 'error.type': 'access_token_expired' }],
    ['notes.list', SpanStatusCode.ERROR, { ...attributes, 'error.type': 'error' }],
  ]);
  expect(spans.flatMap(({ events }) => events)).toEqual([]);
});
