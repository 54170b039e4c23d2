/**
 * What the code of the guides takes from packages that the app in which it is compiled does not have, as far as it
 * takes it. The examples that install them compile against the real ones.
 */
declare module 'bcryptjs' {
  export const compare: (password: string, hash: string) => Promise<boolean>;
}

declare module 'better-sqlite3' {
  export default class Database {
    constructor(path: string, options?: { readonly?: boolean });
    prepare<Parameters extends unknown[], Row>(source: string): { all(...parameters: Parameters): Row[] };
  }
}

declare module 'drizzle-kit' {
  export const defineConfig: (config: {
    dialect: 'sqlite' | 'postgresql';
    schema: string;
    tablesFilter?: string[];
    dbCredentials: { url: string };
  }) => object;
}

declare module 'prisma/config' {
  export const defineConfig: (config: {
    experimental: { externalTables: boolean };
    tables: { external: string[] };
    migrations: { initShadowDb: string };
  }) => object;
}

declare module 'hono' {
  export interface Env {
    Variables?: object;
  }
  export interface Context<E extends Env = Env> {
    req: { raw: Request };
    get<Name extends keyof NonNullable<E['Variables']>>(name: Name): NonNullable<E['Variables']>[Name];
  }
  export class Hono<E extends Env = Env> {
    all(path: string, answer: (c: Context<E>) => Promise<Response>): this;
    fetch(request: Request): Promise<Response>;
  }
}

declare module '@hono/node-server' {
  export const serve: (options: { fetch: (request: Request) => Promise<Response>; port: number }) => object;
}

declare module '@hono/node-server/conninfo' {
  import type { Context } from 'hono';
  export const getConnInfo: <E extends object>(c: Context<E>) => { remote: { address?: string } };
}

declare module 'next' {
  import type { IncomingMessage } from 'node:http';
  export type GetServerSideProps = (context: { req: IncomingMessage }) => Promise<{ props: object }>;
}

declare module 'next/headers' {
  export const headers: () => Promise<Headers>;
}

declare module '@tanstack/query-async-storage-persister' {
  export interface Persister {
    persistClient(client: object): Promise<void>;
  }
  export const createAsyncStoragePersister: (options: { storage: Storage; key: string }) => Persister;
}

declare module '@tanstack/react-query-persist-client' {
  import type { Persister } from '@tanstack/query-async-storage-persister';
  import type { DehydrateOptions, QueryClient } from '@tanstack/react-query';
  import type { ReactNode } from 'react';
  export const PersistQueryClientProvider: (props: {
    client: QueryClient;
    persistOptions: { persister: Persister; buster: string; dehydrateOptions: DehydrateOptions };
    children: ReactNode;
  }) => ReactNode;
}
