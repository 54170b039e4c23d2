import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Request, Response } from 'express';
import jwt from 'jsonwebtoken';
import { z } from 'zod/v4';
import { openHandWrittenPostgres, openHandWrittenSqlite } from './hand-written-store.ts';

const IDLE_MS = 7 * 24 * 60 * 60 * 1000;

const cookiesSchema = z.object({ refresh: z.string() });

const hash = (token: string): string => createHash('sha256').update(token).digest('base64url');

export interface HandWrittenGrant {
  accessToken: string;
  expiresIn: number;
}

/**
 * The refresh that costs the least: one UPDATE that swaps an opaque token, an access token signed with a key made once,
 * a cookie. It knows no lost answers, no tabs and no thieves; a request that comes twice is a logout.
 */
export const openHandWrittenSessions = async () => {
  const { DATABASE_URL, DATA_DIR = '.' } = process.env;
  const key = createSecretKey(randomBytes(32));
  const store =
    DATABASE_URL === undefined
      ? openHandWrittenSqlite(join(DATA_DIR, 'sessions.sqlite'))
      : await openHandWrittenPostgres(DATABASE_URL);

  const grant = (res: Response, token: string, userId: string): HandWrittenGrant => {
    res.cookie('refresh', token, { httpOnly: true, sameSite: 'strict', maxAge: IDLE_MS });
    const accessToken = jwt.sign({ roles: ['user'] }, key, { algorithm: 'HS256', subject: userId, expiresIn: 900 });
    return { accessToken, expiresIn: 900 };
  };

  return {
    start: async (res: Response): Promise<HandWrittenGrant> => {
      const token = randomBytes(32).toString('base64url');
      const userId = randomUUID();
      await store.insert(hash(token), userId, Date.now() + IDLE_MS);
      return grant(res, token, userId);
    },
    /** Returns nothing when the cookie is not that of a session. */
    refresh: async (req: Request, res: Response): Promise<HandWrittenGrant | undefined> => {
      const { data: cookies } = cookiesSchema.safeParse(req.cookies);
      const token = randomBytes(32).toString('base64url');
      const now = Date.now();
      const userId =
        cookies &&
        (await store.rotate({ from: hash(cookies.refresh), to: hash(token), now, expiresAt: now + IDLE_MS }));
      return userId === undefined ? undefined : grant(res, token, userId);
    },
  };
};
