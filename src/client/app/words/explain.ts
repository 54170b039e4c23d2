import { fieldsOf, isIdentityChanged, isOffline, reasonOf } from 'latchkey/client';
import { z } from 'zod/v4';
import { wordsOf } from './reasons.ts';
import { type Unanswered, whyUnanswered } from './unanswered.ts';
import { waitWords } from './wait.ts';

/** A refusal as a person reads it. */
export interface Explanation {
  text: string;
  /** The id under which the log knows it. Only beside failures that nobody expected. */
  reference?: string;
}

const answer = z.object({
  data: z.object({
    code: z.string(),
    requestId: z.string().optional().catch(undefined),
    retryAfter: z.number().positive().optional().catch(undefined),
    address: z
      .url({ protocol: /^https?$/ })
      .optional()
      .catch(undefined),
  }),
});

const OFFLINE = 'The server could not be reached, so this could not be done. Check your connection and try again.';
const DROPPED =
  'You signed out, or in as someone else, while this was under way. Check whether it was done before you try again.';
const UNREACHABLE = 'The server did not answer. Check your connection and try again.';
const UNREADABLE = 'The server’s answer could not be read. Reload the page and try again.';
const BROKEN = 'Something went wrong in this page. Reload it and try again.';
const UNEXPECTED = 'Something went wrong on our side. Try again in a moment.';
const WITH_REFERENCE = `${UNEXPECTED} Quote this reference if you contact us.`;

const WITHOUT_ANSWER: Record<Unanswered, string> = { network: UNREACHABLE, unreadable: UNREADABLE, defect: BROKEN };

const CODE_WORDS: Record<string, string> = {
  NOT_FOUND: 'This is not there any more. Reload the page to see what is.',
  PAYLOAD_TOO_LARGE: 'This is too much at once. Shorten it and try again.',
};

/** Says any failure of a call in plain words. */
export const explain = (error: unknown): Explanation => {
  if (isOffline(error)) return { text: OFFLINE };
  if (isIdentityChanged(error)) return { text: DROPPED };

  const { data } = answer.safeParse(error).data ?? {};
  if (data === undefined) return { text: WITHOUT_ANSWER[whyUnanswered(error)] };

  const reason = reasonOf(error);
  if (reason === 'rate_limited' && data.retryAfter !== undefined) {
    return { text: `Too many attempts. Wait ${waitWords(data.retryAfter)}, then try again.` };
  }
  if (reason === 'origin_not_allowed' && data.address !== undefined) {
    return {
      text: `This page is not allowed to call the server. Open the app at its own address, ${data.address}, and try again.`,
    };
  }
  const words = reason === undefined ? undefined : wordsOf(reason);
  if (words !== undefined) return { text: words };

  const [formError] = fieldsOf(error)?.formErrors ?? [];
  const known = formError ?? CODE_WORDS[data.code];
  if (known !== undefined) return { text: known };

  return data.requestId === undefined ? { text: UNEXPECTED } : { text: WITH_REFERENCE, reference: data.requestId };
};
