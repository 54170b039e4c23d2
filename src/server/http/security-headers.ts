import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Mode } from '../config/variables.ts';

const YEAR_IN_SECONDS = 365 * 24 * 60 * 60;

/** For hosts that are reached by https alone. */
export const STRICT_TRANSPORT_SECURITY = `max-age=${YEAR_IN_SECONDS}; includeSubDomains`;

/** The page runs its own files and nothing else. */
const STRICT_POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/**
 * Vite's development client writes scripts and styles into the page, listens on a socket for changes, and has a worker
 * that it writes itself ask whether a server that went away is back.
 */
const DEVELOPMENT_POLICY = {
  ...STRICT_POLICY,
  scriptSrc: ["'self'", "'unsafe-inline'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  connectSrc: ["'self'", 'ws:'],
  workerSrc: ["'self'", 'blob:'],
};

export interface SecurityHeadersOptions {
  mode: Mode;
  publicUrl: string;
}

/** The security headers of every response (ASVS 3.4). */
export const securityHeaders = ({ mode, publicUrl }: SecurityHeadersOptions): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: mode === 'production' ? STRICT_POLICY : DEVELOPMENT_POLICY,
    },
    // Over http the browser ignores it; on localhost it would break every other thing that runs there.
    strictTransportSecurity: publicUrl.startsWith('https:') && { maxAge: YEAR_IN_SECONDS, includeSubDomains: true },
    // `no-referrer` would make the browser send `Origin: null` with a form's POST, even to us.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
