import type { Amr, RevocationCause, Role } from '../../shared/auth/index.ts';
import { createCoreSlot } from './slot.ts';

/** Who did it, from where: a request, or a command of the shell. */
export interface Initiator {
  id: string;
  address: string | null;
  userAgent: string | null;
  /** A person who is no user of the app: somebody at the shell of a server. */
  operator?: Operator;
}

export interface Operator {
  actor: 'shell';
  /** By which name the system knows them. */
  systemUser: string;
}

/** Common to all events. Ids are public ones: no event carries a token, a `sid` or a password. */
export interface EventSource {
  requestId: string;
  ip: string | null;
  userAgent: string | null;
  actor?: Operator['actor'];
  systemUser?: string;
}

/** What an event of a feature is at least. */
export interface FeatureEvent {
  readonly event: string;
}

/** The events of the core. */
export type CoreEvent =
  /** A new device is one that the account did not know. */
  | { event: 'account.registered' | 'login.succeeded'; userId: string; sessionId: string; isNewDevice?: true }
  | { event: 'login.refused'; reason: string; userId?: string }
  | { event: 'registration.refused'; reason: string }
  | { event: 'session.refreshed'; how: 'recover' | 'rotate' | 'fork' | 'replay'; userId: string; sessionId: string }
  /** The store had lost its last writes. Recorded alone: it is reported as a refresh. */
  | { event: 'session.recovered'; userId: string; sessionId: string }
  /** Again and again without a rotation between: every answer is lost, or somebody keeps presenting a copied token. */
  | { event: 'session.forked'; forks: number; userId: string; sessionId: string }
  | { event: 'session.ended'; cause: RevocationCause; userId: string; sessionId: string }
  /** A fresh proof, by what the claim `amr` calls it. */
  | { event: 'reauthentication.succeeded'; amr: readonly Amr[]; userId: string; sessionId: string }
  | { event: 'reauthentication.refused'; reason: string; userId: string; sessionId?: string }
  | { event: 'refresh.refused'; reason: string; userId?: string; sessionId?: string }
  | {
      event: 'account.created' | 'account.disabled' | 'account.enabled' | 'account.deleted' | 'account.exported';
      userId: string;
    }
  | { event: 'last_admin.kept'; userId: string }
  | { event: 'role.granted' | 'role.revoked'; userId: string; role: Role }
  | { event: 'access.refused'; reason: string | undefined; procedure: string };

/** An authentication event, for the log and the audit trail (ASVS 16.3.1). */
export type AuthEvent<TFeatureEvent extends FeatureEvent = never> = EventSource & (CoreEvent | TFeatureEvent);

/** Reports what happened in a request, or by a command. */
export type Report<TEvent extends FeatureEvent = CoreEvent> = (initiator: Initiator, details: TEvent) => void;

export const reportSlot = createCoreSlot<Report>('report');

/** An event with where it came from. */
export const withSource = (
  { id, address, userAgent, operator }: Initiator,
  details: FeatureEvent,
): EventSource & FeatureEvent => ({ ...details, ...operator, requestId: id, ip: address, userAgent });

export const createReport =
  (listener: (event: EventSource & FeatureEvent) => void): Report<FeatureEvent> =>
  (initiator, details) =>
    listener(withSource(initiator, details));
