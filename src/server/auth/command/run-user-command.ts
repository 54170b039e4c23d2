import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Writable } from 'node:stream';
import type { Role } from '../../../shared/auth/index.ts';
import { WAY_BACK } from '../accounts/address-changes.ts';
import type { OnSignUp } from '../accounts/sign-up.ts';
import { systemClock as clock } from '../clock.ts';
import { createAdministration } from '../create-administration.ts';
import { createReport, type FeatureEvent } from '../events.ts';
import { createEventRecorder } from '../features/audit/record-events.ts';
import { createFlowStore } from '../flows/flow-store.ts';
import { createFlows } from '../flows/flows.ts';
import { createRecording } from '../store/recording.ts';
import type { Store, TablesOf } from '../store/store.ts';
import type { AuthDatabase, AuthTables } from '../store/tables.ts';
import { createSealing } from '../tokens/sealing.ts';
import { readPassword, type Terminal } from './read-password.ts';
import type { CommandContext } from './user-commands.ts';

/** In a container the user may have a number and no name. */
const systemUser = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
};

/**
 * As a server writes it, on the stream that does not go into a file or a pipe together with the answer (ASVS 16.3.1).
 */
const writeEvent = (stderr: Writable, event: FeatureEvent): void => {
  const time = new Date(clock.now()).toISOString();
  stderr.write(`${JSON.stringify({ level: 'info', time, ...event, msg: 'auth' })}\n`);
};

export interface UserCommandOptions {
  store: Store;
  roles: readonly Role[];
  onSignUp: OnSignUp | undefined;
  /** Asked for the words of which no password may be made, where one is set. */
  refusedWords: () => readonly string[];
  /** Whether the app takes the feature that keeps a trail. */
  isRecorded: boolean;
  terminal: Terminal;
}

/** Carries out a command of accounts, on a store whose tables are there. */
export const runUserCommand = async (
  { store, roles, onSignUp, refusedWords, isRecorded, terminal }: UserCommandOptions,
  work: (context: Omit<CommandContext, 'isForced'>) => Promise<string>,
): Promise<string> => {
  const database = store.db.withTables<TablesOf<AuthTables>>();
  // Looks for addresses alone, and seals nothing.
  const flows = createFlows({ database, store: createFlowStore(database), sealing: createSealing([]), clock });
  const recording = createRecording();
  if (isRecorded) recording.listen(createEventRecorder({ database, dialect: store.dialect, clock }));
  const options = {
    database,
    clock,
    roles,
    onSignUp,
    isAddressHeld: (transaction: AuthDatabase, email: string) =>
      flows.holdsAddress(email, { kind: WAY_BACK }, transaction),
    report: createReport((event) => writeEvent(terminal.stderr, event)),
    record: recording.record,
    announce: store.createFeed().announce,
  };
  const operator = { actor: 'shell', systemUser: systemUser() } as const;
  return await work({
    accountChanges: createAdministration(options).accountChanges,
    passwordChanges: async () => {
      const { createArgon2Pool, createPasswordAdministration } = await import('../features/passwords/index.ts');
      const hashing = { hasher: createArgon2Pool(), refusedWords: refusedWords() };
      return createPasswordAdministration({ ...options, ...hashing }).passwordChanges;
    },
    roles,
    initiator: { id: randomUUID(), address: null, userAgent: null, operator },
    readPassword: () => readPassword(terminal),
  });
};
