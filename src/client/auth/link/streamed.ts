import { IdentityChangedError } from '../errors.ts';
import { isRecord } from '../internal/record.ts';
import type { Call, Identity } from '../session/identity.ts';

/** What a call that streams is answered with: tRPC makes a generator of it. */
const isStream = (data: unknown): data is AsyncGenerator =>
  isRecord(data) && Symbol.asyncIterator in data && 'next' in data;

/**
 * Ends what a call streams with its user: by then the call itself has long been answered. Whoever waits for the next
 * value is told at once, and hears of none that was on the way.
 */
export const endWithUser = (data: unknown, { isCurrent }: Call, { open }: Pick<Identity, 'open'>): void => {
  if (!isStream(data)) return;
  const next = data.next.bind(data);
  data.next = () =>
    new Promise((resolve, reject) => {
      const drop = (error: Error): void => {
        close();
        reject(error);
        // Ends the request, as soon as the generator has what it waits for.
        void data.return(null);
      };
      // Open while a value is waited for, and no longer: what nobody reads to its end is kept by nobody.
      const { close } = open(drop);
      if (isCurrent()) next().then(resolve, reject).finally(close);
      else drop(new IdentityChangedError());
    });
};
