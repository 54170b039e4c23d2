import { createHmac } from 'node:crypto';
import { z } from 'zod/v4';

export type Json = Record<string, unknown>;

const objectSchema = z.record(z.string(), z.unknown());

export const encodePart = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signs whatever it is told to by HS256. */
export const forge = (header: unknown, claims: unknown, secret: string): string => {
  const content = `${encodePart(header)}.${encodePart(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
};

const decodePart = (part: string | undefined): Json =>
  objectSchema.parse(JSON.parse(Buffer.from(part ?? '', 'base64url').toString()));

/** What a token says, without asking whether it is true. */
export const readParts = (token: string): { header: Json; claims: Json; signature: string } => {
  const [header, claims, signature = ''] = token.split('.');
  return { header: decodePart(header), claims: decodePart(claims), signature };
};
