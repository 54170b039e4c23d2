import { once } from 'node:events';
import { Agent, get as httpGet, type IncomingMessage } from 'node:http';
import type { BenchContext } from './context.ts';
import { BROWSER_HEADERS } from './latchkey.ts';
import type { ServerProcess } from './server-process.ts';

/** Opens an event stream for each token, on a connection of its own, and waits until each has begun. */
export const openStreams = async (context: BenchContext, server: ServerProcess, accessTokens: readonly string[]) => {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  context.onEnd(async () => agent.destroy());
  const open = async (accessToken: string): Promise<void> => {
    const request = httpGet(`${server.origin}/api/trpc/notes.onChange`, {
      agent,
      headers: { ...BROWSER_HEADERS, accept: 'text/event-stream', authorization: `Bearer ${accessToken}` },
    });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject);
    });
    request.on('error', () => undefined); // The server ends before its streams.
    response.on('error', () => undefined);
    if (response.statusCode !== 200) throw new Error(`A stream was answered with ${response.statusCode}.`);
    const first = await once(response, 'data').then(([data]: unknown[]) => data);
    if (!String(first).includes('connected')) throw new Error(`A stream began with ${String(first)}.`);
  };
  for (let opened = 0; opened < accessTokens.length; opened += 50) {
    await Promise.all(accessTokens.slice(opened, opened + 50).map(open));
  }
};
