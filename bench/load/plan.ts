import { z } from 'zod/v4';

/** One person: the request that they send, again and again. */
const virtualUserSchema = z.object({
  method: z.enum(['GET', 'POST']),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
});

export type VirtualUser = z.infer<typeof virtualUserSchema>;

export const planSchema = z.object({
  origin: z.string(),
  users: z.array(virtualUserSchema),
  /** How many requests are under way at once, each on a connection of its own. They take turns with the users. */
  connections: z.int().min(1),
  /** Whether a user sends the cookies that came with their last answer, as a browser does. */
  followsCookies: z.boolean().default(false),
  /** How long a user waits before their next request, in milliseconds. */
  userPause: z.number().default(0),
  /** How long a connection waits before its next request, in milliseconds: for a load that leaves the server time. */
  connectionPause: z.number().default(0),
  /** What every answer has to hold: measuring refusals would measure something else. */
  expectText: z.string(),
});

export type Plan = z.output<typeof planSchema>;
export type PlanInput = z.input<typeof planSchema>;

export const workedSchema = z.object({
  calls: z.number(),
  seconds: z.number(),
  /** From the first byte out to the last byte in, in milliseconds. */
  latency: z.object({ p50: z.number(), p99: z.number(), max: z.number() }),
});

/** What a crowd did in one round. */
export type Worked = z.output<typeof workedSchema>;

export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plan'), plan: planSchema }),
  z.object({ kind: z.literal('work'), milliseconds: z.number() }),
]);

export type Order = z.input<typeof orderSchema>;

export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('worked'), worked: workedSchema }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);

export type Report = z.output<typeof reportSchema>;
