import { BROWSER_HEADERS } from './latchkey.ts';
import type { ServerProcess } from './server-process.ts';

/** The cookies of so many people who come in one after the other, as the `Cookie` header has them. */
export const letIn = async (
  { origin }: ServerProcess,
  count: number,
  requestOf: (index: number) => { path: string; body?: object },
): Promise<string[]> => {
  const visitors: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { path, body } = requestOf(index);
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { ...BROWSER_HEADERS, origin, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    visitors.push(
      response.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0])
        .join('; '),
    );
  }
  return visitors;
};
