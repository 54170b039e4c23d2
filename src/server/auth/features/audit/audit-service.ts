import type { Auth } from '../../auth.ts';
import { DAY } from '../../clock.ts';
import type { AuthCore, InstalledFeature } from '../../feature.ts';
import { createSlot } from '../../slot.ts';
import { exportEvents } from './export-events.ts';
import { forgetWhereabouts } from './forget-whereabouts.ts';
import { createListEvents, type ListEvents } from './list-events.ts';
import { purgeOldEvents, purgeStrayEvents } from './purge-events.ts';
import { createEventRecorder } from './record-events.ts';

/** What the procedures of the audit trail work with. */
export interface AuditService {
  list: ListEvents;
}

const slot = createSlot<AuditService>('audit', 'Add audit() to the features of createAuth.');

export const auditOf = (auth: Auth): AuditService => slot.of(auth);

/** @throws RangeError when the days are none. */
export const installAudit = (
  auth: Auth,
  { database, dialect, clock, auditRetentionDays }: AuthCore,
): InstalledFeature => {
  if (!Number.isInteger(auditRetentionDays) || auditRetentionDays < 1) {
    throw new RangeError('auditRetentionDays must be a whole number of days, at least 1.');
  }
  const list = createListEvents(database);
  slot.fill(auth, { list });
  return {
    exportOf: exportEvents(list),
    onDelete: forgetWhereabouts,
    recordAll: createEventRecorder({ database, dialect, clock }),
    purges: {
      events: purgeOldEvents(database, auditRetentionDays * DAY),
      stray_events: purgeStrayEvents(database),
    },
  };
};
