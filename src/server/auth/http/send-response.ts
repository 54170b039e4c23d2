import type { Response } from 'express';
import type { UnreadAnswers } from './unread-answers.ts';

/** A response that somebody's compression holds back until it is told. */
const isFlushable = (res: Response): res is Response & { flush: () => void } =>
  'flush' in res && typeof res.flush === 'function';

/** Settles when more can be written, or nothing any more. */
const untilDrained = (res: Response): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      drained.off('drain', settle);
      res.off('close', settle);
      resolve();
    };
    // Somebody's compression answers with its own stream, which is then the one that drains.
    const drained = res.on('drain', settle);
    res.on('close', settle);
  });

/** @param readAhead how many bytes may wait for the client before no more of the stream is read. */
const sendStream = async (
  res: Response,
  stream: ReadableStream<Uint8Array>,
  { unread, readAhead }: { unread: UnreadAnswers; readAhead: number },
): Promise<void> => {
  const reader = stream.getReader();
  const giveUp = (): void => {
    reader.cancel().catch(() => {});
  };
  if (res.destroyed) giveUp();
  else res.once('close', giveUp);
  let ahead = 0;
  let drained: Promise<void> | undefined;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || res.destroyed) break;
    const isTaken = res.write(value);
    if (isFlushable(res)) res.flush();
    if (isTaken) continue;
    ahead += value.length;
    unread.add(res, value.length);
    drained ??= untilDrained(res).then(() => {
      ahead = 0;
      drained = undefined;
      unread.clear(res);
    });
    if (ahead > readAhead) await drained;
  }
  res.end();
};

/** Whether an answer of this content type is the events of a subscription. */
export const isEventStream = (contentType: unknown): boolean => contentType === 'text/event-stream';

/** Whether the parts of an answer are sent as they come: events, or the calls of a streamed batch. */
const isStream = ({ headers }: globalThis.Response): boolean =>
  isEventStream(headers.get('content-type')) || headers.has('transfer-encoding');

/** Takes over tRPC's headers, beside those that are there. */
const setHeaders = (res: Response, headers: Headers): void => {
  const vary = res.getHeader('vary');
  for (const [name, value] of headers) {
    if (name === 'vary' && vary !== undefined) res.setHeader(name, `${String(vary)}, ${value}`);
    // Ours forbids to keep any answer, and tRPC's would allow it for an event stream.
    else if (name !== 'cache-control') res.setHeader(name, value);
  }
};

/** Shorter answers, in bytes, fit into the buffers that each connection has anyway. */
const WORTH_COUNTING = 16_384;

export interface SendOptions {
  unread: UnreadAnswers;
  /**
   * How much of a streamed batch, in bytes, is read ahead of what its client takes: its results wait in memory in any
   * case.
   */
  readAhead: number;
  /** Called with the length of a whole answer, in characters, before it is sent. False: it is not to be sent. */
  beforeWhole: (length: number) => boolean;
}

/** Writes tRPC's answer: piece by piece where it is a stream, at once where it is whole. */
export const sendResponse = async (
  res: Response,
  response: globalThis.Response,
  { unread, readAhead, beforeWhole }: SendOptions,
): Promise<void> => {
  // As tRPC's adapters: one that the app has set, in its context or in front of us, stands.
  if (res.statusCode === 200) res.statusCode = response.status;
  setHeaders(res, response.headers);
  if (response.body !== null && isStream(response)) {
    // Events are made no faster than they are read, and there is no end to them.
    const isEndless = isEventStream(response.headers.get('content-type'));
    await sendStream(res, response.body, { unread, readAhead: isEndless ? 0 : readAhead });
    return;
  }
  // tRPC labels the errors that it raises before it knows the calls as plain text.
  res.setHeader('content-type', 'application/json');
  const body = await response.text();
  if (!beforeWhole(body.length)) return;
  const bytes = Buffer.byteLength(body);
  if (bytes > WORTH_COUNTING) unread.add(res, bytes);
  res.end(body);
};
