import { expect, test } from 'vitest';
import { reasonIn } from './answers.ts';
import type { Answer } from './http.ts';
import type { Target } from './target.ts';

/** One row of a family: what is tried, and what must come of it. */
export interface Attack {
  what: string;
  run: (target: Target) => Promise<Answer>;
  status: number;
  /** The reason in the answer, or tRPC's code. */
  reason?: string;
  /** Whether the victim's session outlives it. @default 'works' */
  victim?: 'works' | 'ended';
}

/** Whatever is refused under `/api/trpc` is so in one form, and writes no cookie. */
export const isProperRefusal = ({ headers, setCookies }: Answer): void => {
  expect(setCookies).toEqual([]);
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(headers['x-request-id']).toMatch(/^[\w-]{8,64}$/);
};

/** Each attack is a test of its own, with the same end for all. */
export const withstand = (target: () => Target, attacks: readonly Attack[]): void => {
  const rows = attacks.map((attack) => [attack.what, attack] as const);
  test.each(rows)('%s', async (_what, { run, status, reason, victim }) => {
    const answer = await run(target());
    expect({ status: answer.status, reason: reasonIn(answer) }).toEqual({ status, reason });
    if (status >= 400) isProperRefusal(answer);
    await target().isUnharmed(victim);
  });
};
