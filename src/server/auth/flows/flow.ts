import type { FlowRow } from '../store/tables.ts';

/** What somebody has begun. The name that finishes it is not in it: the store keeps its hash alone. */
export interface Flow {
  nameHash: string;
  kind: string;
  userId: string | null;
  sid: string | null;
  /** What it was begun with. */
  data: FlowData;
  ver: number | null;
  createdAt: number;
  endsAt: number;
}

/** JSON, which is kept sealed. Undefined where the flow was begun without, or its seal is broken. */
export type FlowData = Readonly<Record<string, unknown>> | undefined;

export interface NewFlow {
  kind: string;
  /** Whom it is for. It is over when the account is disabled or gone. */
  userId?: string;
  /** The session that it was begun in, and ends with. */
  sid?: string;
  /** The value of the browser's flow cookie: only that browser can finish it. */
  browser?: string;
  /** The address that it is for, in any spelling. */
  address?: string;
  /** Needs `dataSecrets`. */
  data?: Readonly<Record<string, unknown>>;
  /** The account's, where another one voids the flow. */
  ver?: number;
  ttlMs: number;
  /** How many of this kind the user, else the address, else the browser has at once: the oldest ends for a new one. */
  maxAlive?: number;
}

/** Whose flows, one or several together. Undefined names nobody. */
export interface FlowOwner {
  userId?: string;
  sid?: string;
  /** The value of the flow cookie. */
  browser?: string;
  /** In any spelling. */
  address?: string;
}

/** How often a flow can be tried, right tries included. */
export const MAX_FLOW_ATTEMPTS = 5;

/** What is read of a row. */
export const FLOW_COLUMNS = [
  'name_hash',
  'kind',
  'user_id',
  'sid',
  'data',
  'ver',
  'created_at',
  'ends_at',
] as const satisfies readonly (keyof FlowRow)[];

export type FlowColumns = Pick<FlowRow, (typeof FLOW_COLUMNS)[number]>;
