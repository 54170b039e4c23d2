import type { EventSource, FeatureEvent } from '../../events.ts';
import type { MailKind, Notice } from '../../mail/mail.ts';
import { REPEATED_FORKS } from '../../sessions/rotation.ts';

const property = (event: FeatureEvent, name: string): unknown => Reflect.get(event, name);

const kindOf = (event: FeatureEvent): MailKind | undefined => {
  switch (event.event) {
    case 'login.succeeded':
      return property(event, 'isNewDevice') === true ? 'new_device' : undefined;
    case 'password.changed':
    case 'password.reset':
      return 'password_changed';
    case 'session.ended':
      return property(event, 'cause') === 'reuse' ? 'session_ended' : undefined;
    case 'account.deleted':
      return 'account_deleted';
    // A series, which may go on for days. Its mails are bounded where they are queued.
    case 'session.forked':
      return Number(property(event, 'forks')) >= REPEATED_FORKS ? 'session_forked' : undefined;
    default:
      return undefined;
  }
};

/** What the person of an account is told of when it happens (ASVS 6.3.5, 6.3.7). Undefined: of nothing. */
export const noticeOf = (event: FeatureEvent & Partial<EventSource>): Notice | undefined => {
  const kind = kindOf(event);
  const userId = property(event, 'userId');
  if (kind === undefined || typeof userId !== 'string') return undefined;
  return { kind, userId, details: { ip: event.ip, userAgent: event.userAgent } };
};
