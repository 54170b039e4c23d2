import { resolve } from 'node:path';
import { buildPackage } from './build-package.ts';

/** `npm run build:package`. */
await buildPackage(resolve(import.meta.dirname, '../dist/package'));
