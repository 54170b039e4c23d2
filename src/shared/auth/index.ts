export * from './cookies.ts';
export type * from './error-data.ts';
export * from './reasons.ts';
export * from './refusals.ts';
export * from './schemas.ts';
