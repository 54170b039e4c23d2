export * from './create-store.ts';
export * from './data-dir.ts';
export * from './server-lock.ts';
