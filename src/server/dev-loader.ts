import { register } from 'node:module';

// For `node --import`, behind tsx: what is registered last is asked first.
register('./dev-loader-hooks.ts', import.meta.url);
