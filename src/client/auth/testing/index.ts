export type { TestClock } from './clock.ts';
export { type AuthKit, type AuthKitOptions, type AuthKitTab, type CookieThief, createAuthKit } from './kit.ts';
export type { TestPage } from './page.ts';
export type { TestJar, TestProcedure } from './server.ts';
