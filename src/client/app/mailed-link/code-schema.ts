import { z } from 'zod/v4';
import { tidyToken } from './mailed-links.ts';

/** The token of a mailed link, as the link brought it or as it was typed. */
export const codeSchema = z.string().transform(tidyToken).pipe(z.string().min(1, 'Paste the code from the mail.'));
