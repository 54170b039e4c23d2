import type { QueuedMail } from '#server/auth/mail/mail.ts';
import type { QuietFeature } from './auth.ts';

/** In place of an outbox: what is queued is there to be read at once. */
export interface Postbox {
  feature: QuietFeature;
  /** In the order in which they were queued. */
  mails: QueuedMail[];
  /** Those to one address. */
  to(address: string): QueuedMail[];
  /** The token of the last mail of a kind. */
  tokenOf(kind: QueuedMail['kind'], to?: string): string;
  isOn: boolean;
}

export const createPostbox = (): Postbox => {
  const mails: QueuedMail[] = [];
  const postbox: Postbox = {
    mails,
    isOn: true,
    to: (address) => mails.filter(({ to }) => to === address),
    tokenOf: (kind, to) => {
      const token = mails.findLast((mail) => mail.kind === kind && (to === undefined || mail.to === to))?.link?.token;
      if (token === undefined) throw new Error(`There is no mail ${kind}.`);
      return token;
    },
    feature: {
      name: 'postbox',
      routers: {},
      reasons: {},
      install: () => ({
        mail: {
          isOn: () => postbox.isOn,
          queue: async (_transaction, mail) => {
            mails.push(mail);
          },
          notify: async () => {},
          sent: () => {},
        },
      }),
    },
  };
  return postbox;
};
