import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const resultOf = <TData>(data: z.ZodType<TData>) => z.object({ result: z.object({ data }) });
const grantSchema = resultOf(z.object({ accessToken: z.string() }));
const notesSchema = resultOf(
  z.object({ notes: z.array(z.object({ text: z.string() })), nextCursor: z.string().nullable() }),
);

/** What a call came to: an answer of the server, or none. */
type Outcome = { status: number; body: unknown } | 'no answer';

export interface Person {
  /** Calls of theirs that the server has acknowledged. */
  acknowledged: { registered: boolean; notes: string[] };
  /** Calls one after the other, until there is no answer or `isOver`. */
  work(isOver: () => boolean): Promise<void>;
  /** What of that the server has lost since. */
  findLosses(): Promise<string[]>;
}

/** One person in one browser: a request at a time, a cookie that is kept whatever happens, and a memory of what was promised. */
export const createPerson = (name: string, urlOf: () => string): Person => {
  const cookies = new Map<string, string>();
  const acknowledged: Person['acknowledged'] = { registered: false, notes: [] };
  const credentials = { username: name, email: `${name}@mail.example`, password: `the words of ${name.length} people` };
  let accessToken = '';
  let count = 0;

  const call = async (
    path: string,
    { input, method = 'POST' }: { input?: object; method?: string } = {},
  ): Promise<Outcome> => {
    const query = method === 'GET' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
    try {
      const response = await fetch(`${urlOf()}/api/trpc/${path}${query}`, {
        method,
        headers: {
          'content-type': 'application/json',
          'x-latchkey': '1',
          authorization: `Bearer ${accessToken}`,
          cookie: [...cookies].map(([cookie, value]) => `${cookie}=${value}`).join('; '),
        },
        ...(method === 'POST' && input !== undefined && { body: JSON.stringify(input) }),
      });
      const body: unknown = await response.json();
      for (const line of response.headers.getSetCookie()) {
        const [cookie = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? [];
        cookies.set(cookie, value);
      }
      return { status: response.status, body };
    } catch {
      return 'no answer';
    }
  };

  const takeGrant = (outcome: Outcome): boolean => {
    const grant = outcome === 'no answer' ? undefined : grantSchema.safeParse(outcome.body).data;
    if (grant !== undefined) accessToken = grant.result.data.accessToken;
    return grant !== undefined;
  };

  const step = async (): Promise<Outcome> => {
    if (!acknowledged.registered) {
      const outcome = await call('auth.register', { input: credentials });
      acknowledged.registered = takeGrant(outcome);
      return outcome;
    }
    count += 1;
    if (count % 3 === 0) {
      const outcome = await call('auth.refresh');
      takeGrant(outcome);
      return outcome;
    }
    const text = `${name} ${count}`;
    const outcome = await call('notes.create', { input: { text, id: randomUUID() } });
    if (outcome !== 'no answer' && outcome.status === 200) acknowledged.notes.push(text);
    return outcome;
  };

  const listAll = async (): Promise<string[]> => {
    const texts: string[] = [];
    let cursor: string | null = null;
    do {
      const input = { limit: 100, ...(cursor !== null && { cursor }) };
      const outcome = await call('notes.list', { input, method: 'GET' });
      if (outcome === 'no answer') return texts;
      const page = notesSchema.parse(outcome.body).result.data;
      texts.push(...page.notes.map(({ text }) => text));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return texts;
  };

  return {
    acknowledged,
    work: async (isOver) => {
      while (!isOver()) if ((await step()) === 'no answer') return;
    },
    findLosses: async () => {
      if (!acknowledged.registered) return [];
      const refreshed = await call('auth.refresh');
      if (!takeGrant(refreshed)) return [`the session of ${name}: ${JSON.stringify(refreshed)}`];
      const kept = new Set(await listAll());
      const lost = acknowledged.notes.filter((text) => !kept.has(text)).map((text) => `the note ${text}`);
      const login = await call('auth.login', { input: { username: name, password: credentials.password } });
      return takeGrant(login) ? lost : [...lost, `the account of ${name}: ${JSON.stringify(login)}`];
    },
  };
};
