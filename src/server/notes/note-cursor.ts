import { createHash } from 'node:crypto';

const POSITION_BYTES = 6;
const CHECK_BYTES = 6;

const checkOf = (userId: string, position: Buffer): Buffer =>
  createHash('sha256').update(`notes ${userId} `).update(position).digest().subarray(0, CHECK_BYTES);

/**
 * Where a page of a user's notes ended, as a text that means nothing to the client. The check is no signature: a cursor
 * only says where to go on in the caller's own notes. It tells a cursor that was mangled, made up or taken from another
 * user.
 */
export const encodeCursor = (userId: string, change: number): string => {
  const position = Buffer.alloc(POSITION_BYTES);
  position.writeUIntBE(change, 0, POSITION_BYTES);
  return Buffer.concat([position, checkOf(userId, position)]).toString('base64url');
};

/** @returns undefined when this cursor was not made for this user. */
export const decodeCursor = (userId: string, cursor: string): number | undefined => {
  if (!/^[\w-]{16}$/.test(cursor)) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(0, POSITION_BYTES);
  return checkOf(userId, position).equals(bytes.subarray(POSITION_BYTES))
    ? position.readUIntBE(0, POSITION_BYTES)
    : undefined;
};
