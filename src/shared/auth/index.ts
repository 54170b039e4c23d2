export * from './cookies.ts';
export * from './error-data.ts';
export * from './reasons.ts';
export * from './schemas.ts';
