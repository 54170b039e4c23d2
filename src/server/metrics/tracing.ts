import { SpanStatusCode, trace } from '@opentelemetry/api';
import { type AroundCall, reasonOf } from 'latchkey/server';

/**
 * Without an SDK every span is one that does nothing; with one that is registered later, it is found at the next call.
 */
const tracer = trace.getTracer('latchkey');

/**
 * A span of OpenTelemetry around each call, through its API alone: to see it, an app brings an SDK
 * (`node --import ./instrumentation.js`). It names the procedure and the request, and holds nothing of what was said.
 */
export const traceCall: AroundCall = (call, run) =>
  tracer.startActiveSpan(
    call.procedure,
    {
      attributes: {
        'rpc.system': 'trpc',
        'rpc.method': call.procedure,
        'trpc.type': call.type,
        'latchkey.request_id': call.requestId,
      },
    },
    async (span) => {
      const fail = (error: unknown): void => {
        span.setAttribute('error.type', reasonOf(error) ?? 'error');
        span.setStatus({ code: SpanStatusCode.ERROR });
      };
      try {
        const result = await run();
        if (!result.ok) fail(result.error);
        return result;
      } catch (error) {
        fail(error);
        throw error;
      } finally {
        span.end();
      }
    },
  );
