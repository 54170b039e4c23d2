import { measureClientBytes } from '../../src/testing/client-bytes.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { spreadOf } from '../statistics.ts';

/** As their authors publish them or bundlephobia shows them, in kilobytes, minified and gzipped. */
const PUBLISHED = {
  'better-auth/react': 11.5,
  'supertokens-web-js': 29.6,
  'auth0-spa-js': 62,
  'supabase auth-js': 22,
} as const;

const kilobytes = (bytes: number) => spreadOf([bytes / 1000]);

export const clientBytes: Scenario = {
  name: 'client-bytes',
  title:
    'What the client half adds to a page that has tRPC’s client and React, minified and gzipped, beside published sizes of others.',
  run: async () => {
    const { total, parts, queries, eventSource } = await measureClientBytes();
    const unit = 'kB';
    const compared = Object.entries(PUBLISHED).map(
      ([comparedWith, theirs]): Row => ({
        what: 'client half, all of it',
        unit,
        ours: kilobytes(total.gzipped),
        comparedWith,
        theirs: spreadOf([theirs]),
        ratio: spreadOf([total.gzipped / 1000 / theirs]),
      }),
    );
    return [
      { what: 'client half, all of it', unit, ours: kilobytes(total.gzipped), target: { atMost: 8 } },
      ...Object.entries(parts).map(
        ([part, { gzipped }]): Row => ({ what: `of that, ${part}`, unit, ours: kilobytes(gzipped) }),
      ),
      { what: 'for apps with TanStack Query', unit, ours: kilobytes(queries.gzipped) },
      { what: 'the package eventsource, for apps that subscribe', unit, ours: kilobytes(eventSource.gzipped) },
      ...compared,
    ];
  },
};
