import type { EventSource, FeatureEvent } from '../../events.ts';
import type { EventOutcome, EventRow } from './audit-tables.ts';
import { cleanText } from './clean-text.ts';

const MAX_AGENT = 512;
const MAX_TEXT = 200;
const MAX_DETAILS = 20;

/** What has a column of its own. */
const COLUMNS = new Set(['event', 'userId', 'actorId', 'sessionId', 'requestId', 'ip', 'userAgent']);

const nameAndOutcome = (event: string): { event: string; outcome: EventOutcome } => {
  const [, name = event, outcome] = /^(.+)\.(succeeded|refused)$/.exec(event) ?? [];
  return { event: name, outcome: outcome === 'refused' ? 'refused' : 'succeeded' };
};

/** Numbers, booleans and short texts: what an event is made of. A feature that reports more keeps no more here. */
const detailOf = (event: object): string => {
  const kept: [name: string, value: string | number | boolean][] = [];
  for (const [name, value] of Object.entries<unknown>({ ...event })) {
    if (COLUMNS.has(name) || kept.length === MAX_DETAILS) continue;
    if (typeof value === 'string') kept.push([name, cleanText(value, MAX_TEXT)]);
    else if (typeof value === 'number' || typeof value === 'boolean') kept.push([name, value]);
  }
  return JSON.stringify(Object.fromEntries(kept));
};

const idIn = (event: object, name: string): string | null => {
  const value: unknown = Reflect.get(event, name);
  return typeof value === 'string' ? cleanText(value, MAX_TEXT) : null;
};

/** An event as its row. What others chose of it is bounded and made fit to be shown. */
export const eventRowOf = (recorded: EventSource & FeatureEvent, id: string, at: number): EventRow => ({
  id,
  at,
  ...nameAndOutcome(recorded.event),
  user_id: idIn(recorded, 'userId'),
  actor_id: idIn(recorded, 'actorId'),
  session_id: idIn(recorded, 'sessionId'),
  ip: recorded.ip === null ? null : cleanText(recorded.ip, MAX_TEXT),
  user_agent: recorded.userAgent === null ? null : cleanText(recorded.userAgent, MAX_AGENT),
  request_id: cleanText(recorded.requestId, MAX_TEXT),
  detail: detailOf(recorded),
});
