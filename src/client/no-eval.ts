import { config } from 'zod/v4';

// Imported before any schema: zod would else try `new Function`, which the page's policy forbids and browsers report as
// a violation.
config({ jitless: true });
