/**
 * What the benchmarks use of packages that are installed by `package.json` here, and only when they run: types are
 * checked without them. A declaration like these goes before the package's own.
 */

declare module 'undici' {
  export interface ClientResponse {
    statusCode: number;
    headers: Record<string, string | string[] | undefined>;
    body: { text(): Promise<string> };
  }

  export class Client {
    constructor(origin: string, options: { pipelining: number });
    request(options: {
      method: string;
      path: string;
      headers: Record<string, string>;
      body?: string;
    }): Promise<ClientResponse>;
    destroy(): Promise<void>;
  }
}

declare module 'better-auth' {
  import type { Pool } from 'pg';

  export interface BetterAuthOptions {
    baseURL: string;
    secret: string;
    database: Pool;
    emailAndPassword: { enabled: boolean };
    rateLimit: { enabled: boolean };
    telemetry: { enabled: boolean };
    session?: { cookieCache: { enabled: boolean; maxAge?: number } };
  }

  export interface BetterAuth {
    options: BetterAuthOptions;
    handler(request: Request): Promise<Response>;
    api: {
      getSession(options: { headers: Headers }): Promise<{ user: { id: string } } | null>;
    };
  }

  export function betterAuth(options: BetterAuthOptions): BetterAuth;
}

declare module 'better-auth/db/migration' {
  import type { BetterAuthOptions } from 'better-auth';

  export function getMigrations(options: BetterAuthOptions): Promise<{ runMigrations(): Promise<void> }>;
}

declare module 'better-auth/node' {
  import type { IncomingHttpHeaders, RequestListener } from 'node:http';
  import type { BetterAuth } from 'better-auth';

  export function toNodeHandler(auth: BetterAuth): RequestListener;
  export function fromNodeHeaders(headers: IncomingHttpHeaders): Headers;
}

declare module 'express-session' {
  import type { RequestHandler } from 'express';

  export interface Store {
    readonly generate: unknown;
  }

  export interface Session {
    userId?: string;
  }

  const session: (options: {
    store: Store;
    secret: string;
    resave: boolean;
    saveUninitialized: boolean;
    cookie: { maxAge: number; sameSite: 'strict' };
  }) => RequestHandler;
  export default session;
}

declare module 'connect-pg-simple' {
  import type { Store } from 'express-session';
  import type { Pool } from 'pg';

  const connect: (session: unknown) => new (options: { pool: Pool; createTableIfMissing: boolean }) => Store;
  export default connect;
}
