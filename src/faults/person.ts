import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod/v4';
import { createBrowser, type Outcome } from './browser.ts';

const pageSchema = z.object({ notes: z.array(z.object({ text: z.string() })), nextCursor: z.string().nullable() });

export interface Person {
  /** Calls of theirs that the server has acknowledged. */
  acknowledged: { registered: boolean; notes: string[]; refreshes: number };
  /**
   * Calls one after the other, until `isOver`. After `unavailable`, or no answer at all, tries again a little
   * later.
   */
  work(isOver: () => boolean): Promise<void>;
  /** What of all that was acknowledged the server has lost since, and what it answered that no fault explains. */
  findLosses(): Promise<string[]>;
}

const isGood = (outcome: Outcome): boolean => outcome !== 'no answer' && outcome.status === 200;

const describe = (outcome: Outcome): string =>
  outcome === 'no answer' ? outcome : `${outcome.status} ${outcome.reason ?? ''}`;

/** One person in one browser: a request at a time, and a memory of what was promised. */
export const createPerson = (name: string, urlOf: () => string): Person => {
  const browser = createBrowser(urlOf);
  const acknowledged: Person['acknowledged'] = { registered: false, notes: [], refreshes: 0 };
  const oddities: string[] = [];
  const credentials = { username: name, email: `${name}@mail.example`, password: `the words of ${name.length} people` };
  let count = 0;

  const login = (): Promise<Outcome> =>
    browser.call('auth.login', { input: { username: name, password: credentials.password } });

  const register = async (): Promise<Outcome> => {
    const outcome = await browser.call('auth.register', { input: credentials });
    // An earlier attempt may have gone through, and its answer was lost.
    return outcome !== 'no answer' && outcome.reason === 'username_taken' ? await login() : outcome;
  };

  const step = async (): Promise<Outcome> => {
    if (!acknowledged.registered) {
      const outcome = await register();
      acknowledged.registered = isGood(outcome);
      return outcome;
    }
    count += 1;
    if (count % 3 === 0) {
      const outcome = await browser.call('auth.refresh');
      if (isGood(outcome)) acknowledged.refreshes += 1;
      return outcome;
    }
    const text = `${name} ${count}`;
    const outcome = await browser.call('notes.create', { input: { text, id: randomUUID() } });
    if (isGood(outcome)) acknowledged.notes.push(text);
    return outcome;
  };

  const listAll = async (): Promise<string[]> => {
    const texts: string[] = [];
    let cursor: string | null = null;
    do {
      const input = { limit: 100, ...(cursor !== null && { cursor }) };
      const outcome = await browser.call('notes.list', { input, method: 'GET' });
      if (outcome === 'no answer' || outcome.status !== 200) return texts;
      const page = pageSchema.parse(outcome.data);
      texts.push(...page.notes.map(({ text }) => text));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return texts;
  };

  return {
    acknowledged,
    work: async (isOver) => {
      while (!isOver()) {
        const outcome = await step();
        if (isGood(outcome)) continue;
        if (outcome !== 'no answer' && outcome.reason !== 'unavailable') oddities.push(`${name}: ${describe(outcome)}`);
        await delay(20);
      }
    },
    findLosses: async () => {
      if (!acknowledged.registered) return oddities;
      const refreshed = await browser.call('auth.refresh');
      if (!isGood(refreshed)) return [...oddities, `the session of ${name}: ${describe(refreshed)}`];
      const kept = new Set(await listAll());
      const lost = acknowledged.notes.filter((text) => !kept.has(text)).map((text) => `the note ${text}`);
      const signedIn = await login();
      return [...oddities, ...lost, ...(isGood(signedIn) ? [] : [`the account of ${name}: ${describe(signedIn)}`])];
    },
  };
};
