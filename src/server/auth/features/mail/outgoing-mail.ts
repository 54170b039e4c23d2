import type { MailDetails, MailKind, QueuedMail } from '../../mail/mail.ts';

/** A mail as it is rendered. Names and details are texts of others: escape them in HTML. */
export interface MailContent {
  kind: MailKind;
  /** As `createAuth` was told. */
  appName: string;
  /** Where the app is, without a slash at its end. */
  origin: string;
  /** The address that it goes to. */
  to: string;
  /** By which the person signs in. */
  username: string | null;
  /** When it was queued. */
  at: Date;
  /** What it asks for, where it asks for something. */
  link?: {
    /** The token is in its fragment, which no server is told. */
    url: string;
    /** For those whose mail program strips the fragment: the page has a field for it. */
    token: string;
    endsAt: Date;
  };
  details: MailDetails;
}

export interface RenderedMail {
  /** In one line. */
  subject: string;
  text: string;
  html: string;
}

/** A mail that leaves. */
export interface OutgoingMail extends RenderedMail {
  id: string;
  kind: MailKind;
  to: string;
}

/** What the row keeps sealed. */
export type SealedMail = Pick<QueuedMail, 'to' | 'username' | 'link' | 'details'>;

/**
 * Hands a mail over. The signal says that it takes too long.
 * @throws RecipientRefusedError when it never can be; anything else may pass.
 */
export type Deliver = (mail: OutgoingMail, signal: AbortSignal) => Promise<void>;

/** There is no use in trying again. */
export class RecipientRefusedError extends Error {
  override name = 'RecipientRefusedError';
}
