import { z } from 'zod/v4';

export const EVENTS_PAGE_DEFAULT = 50;
const EVENTS_PAGE_MAX = 100;

/**
 * `direction` is what the infinite queries of `@trpc/react-query` add by themselves. It says nothing: pages go one way.
 */
export const listEventsInput = z
  .strictObject({
    cursor: z.string().max(100).optional(),
    limit: z.int().min(1).max(EVENTS_PAGE_MAX).default(EVENTS_PAGE_DEFAULT),
    direction: z.literal('forward').optional(),
  })
  .optional();

/** Something that happened to an account, as its owner sees it. */
export interface EventSummary {
  id: string;
  /** ISO 8601 in UTC. */
  at: string;
  /** What: `login`, `session.ended`, `password.changed`, … A feature or a later release may bring others. */
  event: string;
  outcome: 'succeeded' | 'refused';
  /** Null where somebody else has done it, as an administrator: from where is theirs alone. */
  ip: string | null;
  userAgent: string | null;
  /** The public id of the session that it is about. */
  sessionId: string | null;
  /** What more there is to tell: the `cause` of a session's end, the `reason` of a refusal, a `role`. */
  detail: Record<string, string | number | boolean>;
}

/** Newest first. `nextCursor` is null on the last page. */
export interface EventsPage {
  events: EventSummary[];
  nextCursor: string | null;
}
