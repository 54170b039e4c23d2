import { isRecord } from '../internal/record.ts';
import { noTransformer, type Transformer } from '../wire/transformer.ts';
import type { TestClock } from './clock.ts';
import type { TestReply, TestRequest, TestServer } from './server.ts';
import { serverTransform } from './transform.ts';

/** As tRPC writes them: https://html.spec.whatwg.org/multipage/server-sent-events.html */
const write = ({ event, data, id }: { event?: string; data: unknown; id?: string }): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n${id === undefined ? '' : `id: ${id}\n`}\n`;

interface OpenStream {
  path: string;
  write: (text: string) => void;
  /** The server has said all. */
  end: () => void;
  /** The connection breaks. */
  cut: () => void;
  /** Ends it if the gate would not let it in any more. */
  check: () => void;
}

/**
 * The server's half of subscriptions: events that it keeps, and streams that end with their token and their session.
 */
export const createTestStreams = ({
  server,
  clock,
  transformer = noTransformer,
}: {
  server: Pick<TestServer, 'gate'>;
  clock: Pick<TestClock, 'now' | 'setTimer'>;
  transformer?: Transformer;
}) => {
  const transform = serverTransform(transformer);
  const frame = (event: { event?: string; data: unknown; id?: string }): string =>
    write({ ...event, data: transform.data(event.data) });
  const errorFrame = ({ body }: TestReply): string =>
    frame({ event: 'serialized-error', data: isRecord(body) ? body['error'] : body });
  const events = new Map<string, { id: number; data: unknown }[]>();
  const open = new Set<OpenStream>();
  let lastId = 0;

  return {
    /** Answers a request for a stream, beginning after the event that its input names. */
    answer({ path, input, accessToken, init }: TestRequest): Response {
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          const leave = (): void => {
            stopTimer();
            open.delete(stream);
          };
          const stream: OpenStream = {
            path,
            write: (text) => controller.enqueue(encoder.encode(text)),
            end() {
              leave();
              controller.close();
            },
            cut() {
              leave();
              controller.error(new TypeError('network error'));
            },
            check() {
              stopTimer();
              const passed = server.gate(accessToken);
              if ('refused' in passed) {
                stream.write(errorFrame(passed.refused));
                return stream.end();
              }
              stopTimer = clock.setTimer(stream.check, passed.expiresAt - clock.now());
            },
          };
          let stopTimer = (): void => undefined;
          open.add(stream);
          init.signal?.addEventListener('abort', () => open.has(stream) && stream.cut());

          stream.write(write({ event: 'connected', data: {} }));
          const after = isRecord(input) ? input['lastEventId'] : undefined;
          const missed = after === undefined ? [] : (events.get(path) ?? []).filter(({ id }) => id > Number(after));
          stream.check();
          if (open.has(stream)) for (const { id, data } of missed) stream.write(frame({ data, id: String(id) }));
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },

    emit(path: string, data: unknown): void {
      lastId += 1;
      events.set(path, [...(events.get(path) ?? []), { id: lastId, data }]);
      for (const stream of open) if (stream.path === path) stream.write(frame({ data, id: String(lastId) }));
    },

    /** Ends those whose token or session is no longer good. */
    check(): void {
      for (const stream of Array.from(open)) stream.check();
    },

    cut(): void {
      for (const stream of Array.from(open)) stream.cut();
    },

    count: (path: string): number => Array.from(open).filter((stream) => stream.path === path).length,
  };
};

export type TestStreams = ReturnType<typeof createTestStreams>;
