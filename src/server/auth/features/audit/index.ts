/**
 * The audit trail, as a feature: `createAuth({ features: [passwords(), audit()] })`. What happened to an account, for
 * its owner and for those who run the app.
 *
 * @packageDocumentation
 */
import type { Feature } from '../../feature.ts';
import { auditMigrations } from './audit-migrations.ts';
import { auditRouters } from './audit-routers.ts';
import { installAudit } from './audit-service.ts';

export { auditRouters } from './audit-routers.ts';

export type AuditFeature = Feature<typeof auditRouters, never, never>;

/**
 * Keeps what changes something, and every proof that was refused, in the table `auth_events`: a row each, written in
 * the transaction of what it tells, so that there are both or neither (ASVS 16.3.1). `events.list` shows people their
 * own. They are kept for `auditRetentionDays` of `createAuth`.
 *
 * @example
 * createAuth({ ...fromEnv(), features: [passwords(), audit()] });
 */
export const audit = (): AuditFeature => ({
  name: 'audit',
  routers: auditRouters,
  reasons: {},
  migrations: auditMigrations,
  install: installAudit,
});
