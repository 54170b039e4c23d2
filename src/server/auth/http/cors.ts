import type { Response } from 'express';

const ALLOWED_HEADERS = 'authorization, content-type, last-event-id, trpc-accept, x-latchkey, x-request-id';
const EXPOSED_HEADERS = 'retry-after, x-request-id';
const PREFLIGHT_SECONDS = '600';

/** Exact CORS headers for a listed origin; none for any other (ASVS 3.4.2). */
export const setCorsHeaders = (res: Response, origin: string): void => {
  res.setHeader('Access-Control-Allow-Origin', origin);
  res.setHeader('Access-Control-Allow-Credentials', 'true');
  res.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
};

export const setPreflightHeaders = (res: Response): void => {
  res.setHeader('Access-Control-Allow-Methods', 'GET, POST');
  res.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  res.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
};
