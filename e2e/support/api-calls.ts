import type { Page, Request } from '@playwright/test';

export interface ApiCall {
  /** What the request's path names: one procedure, or those of a batch. */
  procedures: string[];
  /** Of the response; undefined when none came. */
  status: number | undefined;
}

const PREFIX = '/api/trpc/';

export interface ApiCalls {
  /** Waits for the answers that are outstanding. */
  all(): Promise<ApiCall[]>;
  to(procedure: string): Promise<ApiCall[]>;
  /** Forgets what was recorded so far. */
  clear(): void;
}

/** Records the calls that a page makes of the API, whole requests in the order of their sending. */
export const recordApiCalls = (page: Page): ApiCalls => {
  let requests: Request[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.startsWith(PREFIX)) requests.push(request);
  });
  const all = (): Promise<ApiCall[]> =>
    Promise.all(
      requests.map(async (request) => ({
        procedures: new URL(request.url()).pathname.slice(PREFIX.length).split(','),
        status: (await request.response())?.status(),
      })),
    );
  return {
    all,
    to: async (procedure) => (await all()).filter(({ procedures }) => procedures.includes(procedure)),
    clear() {
      requests = [];
    },
  };
};
