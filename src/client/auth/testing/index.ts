/**
 * A browser, its network and a server around the real auth client, all in memory and on a clock that stands still until
 * it is moved: what an app's tests need of Latchkey, under Vitest, `node:test` or any other.
 *
 * @packageDocumentation
 */

export type { TestClock } from './clock.ts';
export { type AuthKit, type AuthKitOptions, type AuthKitTab, type CookieThief, createAuthKit } from './kit.ts';
export type { TestPage } from './page.ts';
export type { TestJar, TestProcedure } from './server.ts';
