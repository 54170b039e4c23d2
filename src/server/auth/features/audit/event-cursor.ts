import { createHash } from 'node:crypto';

const ID_BYTES = 16;
const CHECK_BYTES = 6;
const CURSOR = /^[\w-]{30}$/;

const checkOf = (userId: string, id: Buffer): Buffer =>
  createHash('sha256').update(`events ${userId} `).update(id).digest().subarray(0, CHECK_BYTES);

/**
 * Where a page of a user's events ended. The check is no signature: a cursor only says where to go on in the caller's
 * own events. It tells one that was mangled, made up or taken from another user.
 */
export const encodeCursor = (userId: string, id: string): string => {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  return Buffer.concat([bytes, checkOf(userId, bytes)]).toString('base64url');
};

/** @returns the id; undefined when this cursor was not made for this user. */
export const decodeCursor = (userId: string, cursor: string): string | undefined => {
  if (!CURSOR.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, 'base64url').subarray(0, ID_BYTES);
  const id = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return encodeCursor(userId, id) === cursor ? id : undefined;
};
