import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import { summarise } from '../latency.ts';
import type { Plan, VirtualUser, Worked } from './plan.ts';

interface Person extends VirtualUser {
  cookies: Map<string, string>;
  /** When they send their next request at the earliest. */
  dueAt: number;
}

const nameOf = (pair: string): string => pair.split('=', 1)[0] ?? '';

const personOf = (user: VirtualUser): Person => {
  const pairs = user.headers.cookie?.split('; ') ?? [];
  return {
    ...user,
    headers: { ...user.headers },
    cookies: new Map(pairs.map((pair) => [nameOf(pair), pair])),
    dueAt: 0,
  };
};

/** Attributes do not matter here: the server that is measured sets its cookies for the whole of its origin. */
const takeCookies = (person: Person, lines: readonly string[]): void => {
  for (const line of lines) {
    const [pair = ''] = line.split(';', 1);
    person.cookies.set(nameOf(pair), pair);
  }
  person.headers.cookie = [...person.cookies.values()].join('; ');
};

/** Sends one request and reads the whole answer. Returns the cookies that came with it. */
const send = async (client: Client, { method, path, headers, body }: Person, expectText: string): Promise<string[]> => {
  const response = await client.request({ method, path, headers, ...(body !== undefined && { body }) });
  const text = await response.body.text();
  if (response.statusCode >= 300 || !text.includes(expectText)) {
    throw new Error(`${method} ${path} was answered with ${response.statusCode}: ${text.slice(0, 500)}`);
  }
  return [response.headers['set-cookie'] ?? []].flat();
};

/** People who take turns at a server's connections, and keep their cookies from one round to the next. */
export const createVirtualUsers = (plan: Plan) => {
  if (plan.users.length < plan.connections) throw new Error('There are fewer users than connections.');
  const queue = plan.users.map(personOf);

  return {
    /**
     * Keeps the server busy for so long: each connection sends a request, waits for the whole answer and takes the next
     * user.
     * @throws when an answer is not what it should be.
     */
    work: async (milliseconds: number): Promise<Worked> => {
      const clients = Array.from({ length: plan.connections }, () => new Client(plan.origin, { pipelining: 1 }));
      const latencies: number[] = [];
      const start = performance.now();

      const takeTurn = async (client: Client, person: Person): Promise<void> => {
        const early = person.dueAt - performance.now();
        if (early > 0) await delay(early);
        const sentAt = performance.now();
        const cookies = await send(client, person, plan.expectText);
        const answeredAt = performance.now();
        latencies.push(answeredAt - sentAt);
        if (plan.followsCookies) takeCookies(person, cookies);
        person.dueAt = answeredAt + plan.userPause;
      };

      const keepBusy = async (client: Client): Promise<void> => {
        // Once at least, however busy the machine is.
        do {
          const person = queue.shift();
          if (person === undefined) return;
          await takeTurn(client, person);
          queue.push(person);
          if (plan.connectionPause > 0) await delay(plan.connectionPause);
        } while (performance.now() - start < milliseconds);
      };

      try {
        await Promise.all(clients.map(keepBusy));
      } finally {
        await Promise.all(clients.map((client) => client.destroy()));
      }
      return {
        calls: latencies.length,
        seconds: (performance.now() - start) / 1000,
        latency: summarise(latencies),
      };
    },
  };
};

export type VirtualUsers = ReturnType<typeof createVirtualUsers>;
