import type { Response } from 'express';

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

const sendStream = async (res: Response, stream: ReadableStream<Uint8Array>): Promise<void> => {
  const reader = stream.getReader();
  const giveUp = (): void => {
    reader.cancel().catch(() => {});
  };
  if (res.destroyed) giveUp();
  else res.once('close', giveUp);
  for (;;) {
    const { done, value } = await reader.read();
    if (done || res.destroyed) break;
    const isTaken = res.write(value);
    if (isFlushable(res)) res.flush();
    if (!isTaken) await untilDrained(res);
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

/**
 * Writes tRPC's answer: piece by piece where it is a stream, at once where it is whole.
 * @param beforeWhole is called with the length of a whole answer, in characters, before it is sent.
 */
export const sendResponse = async (
  res: Response,
  response: globalThis.Response,
  beforeWhole: (length: number) => void,
): Promise<void> => {
  // As tRPC's adapters: one that the app has set, in its context or in front of us, stands.
  if (res.statusCode === 200) res.statusCode = response.status;
  setHeaders(res, response.headers);
  if (response.body !== null && isStream(response)) {
    await sendStream(res, response.body);
    return;
  }
  // tRPC labels the errors that it raises before it knows the calls as plain text.
  res.setHeader('content-type', 'application/json');
  const body = await response.text();
  beforeWhole(body.length);
  res.end(body);
};
