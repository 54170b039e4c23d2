/**
 * The rooms of the auth folders: a room is a subject, and imports those below it in its list, never one above.
 *
 * @typedef {{ folder: string, top: readonly string[], rooms: readonly string[], ground: readonly string[] }} House
 */

const SHARED = 'src/shared/auth/';

/** What apps import of the shared half brings every feature along. */
const FACE = 'index.ts';

/** @type {readonly House[]} */
const HOUSES = [
  {
    // The seven machines of the session engine, each of which knows only those before it, and below each what it is
    // made of.
    folder: 'src/client/auth/session/',
    top: ['session.ts'],
    rooms: [
      ...['following.ts', 'other-tabs.ts'],
      ...['renewal.ts', 'renewal-timer.ts', 'session-end.ts'],
      'exchanges.ts',
      ...['logout.ts', 'single-flight.ts'],
      'tab-lock.ts',
      ...['local-session.ts', 'state-store.ts', 'identity.ts', 'access-token.ts'],
      'hints.ts',
    ],
    ground: ['backoff.ts', 'state.ts'],
  },
  {
    folder: 'src/server/auth/',
    top: [
      'index.ts',
      'sqlite.ts',
      'postgres.ts',
      'drizzle.ts',
      'create-auth.ts',
      'auth-options.ts',
      'check-options.ts',
      'create-services.ts',
      'create-administration.ts',
      'core-routers.ts',
      'merge-routers.ts',
      'migration-sets.ts',
      'feature.ts',
    ],
    rooms: [
      'command',
      'features',
      'http',
      'sessions',
      'accounts',
      'flows',
      'trpc',
      'gate',
      'limits',
      'mail',
      'env',
      'tokens',
      'store',
    ],
    ground: [
      'background-task.ts',
      'interrupt.ts',
      'context.ts',
      'request.ts',
      'refusal.ts',
      'trpc-error.ts',
      'mark.ts',
      'events.ts',
      'slot.ts',
      'starting.ts',
      'background-task.ts',
      'pending-work.ts',
      'roles.ts',
      'auth.ts',
      'watched-clock.ts',
      'clock.ts',
    ],
  },
  {
    folder: SHARED,
    top: [FACE],
    rooms: ['features'],
    ground: [
      'account.ts',
      'cookies.ts',
      'error-data.ts',
      'identifiers.ts',
      'next-steps.ts',
      'proofs.ts',
      'reason-table.ts',
      'reasons.ts',
      'refusals.ts',
      'roles.ts',
      'rotation.ts',
      'schemas.ts',
    ],
  },
  {
    folder: 'src/client/auth/',
    top: ['index.ts'],
    rooms: ['features', 'react', 'query-client', 'auth-client.ts', 'link', 'session', 'browser', 'wire'],
    ground: ['environment.ts', 'retry.ts', 'errors.ts', 'internal'],
  },
];

const GROUND = 1_000;

/** What a feature may import from above itself: the seam alone. */
const SEAM = ['feature.ts', 'create-administration.ts'];

/**
 * @param {House} house @param {string} path relative to the house
 * @returns {number} the higher, the further down; negative for a stranger
 */
const floorOf = ({ top, rooms, ground }, path) => {
  const [head = ''] = path.split('/');
  if (top.includes(path)) return 0;
  if (ground.includes(head)) return GROUND;
  return rooms.includes(head) ? 1 + rooms.indexOf(head) : -1;
};

/** @param {string} path @returns {string | undefined} the feature that a file belongs to, by its name */
const featureOf = (path) => /^(?:react\/)?features\/([^/]+)/.exec(path)?.[1]?.replace(/\.tsx?$/, '');

/** @param {string} path @returns {string | undefined} the room within a room, such as `store/postgres` */
const innerRoomOf = (path) => /^([^/]+\/[^/]+)\/[^/]+$/.exec(path)?.[1];

/**
 * Says which rule of the house an import breaks, or null. Paths are relative to the repository.
 *
 * @param {string} from
 * @param {string} to
 * @returns {string | null}
 */
export const brokenRule = (from, to) => {
  const house = HOUSES.find(({ folder }) => from.startsWith(folder) && to.startsWith(folder));
  if (house === undefined || from.startsWith(`${house.folder}testing/`)) return null;
  const [here, there] = [from.slice(house.folder.length), to.slice(house.folder.length)];
  const [floor, below] = [floorOf(house, here), floorOf(house, there)];
  if (floor < 0) return `${here} stands in no room: lint/rooms.js has the list.`;
  if (below < 0) return `${there} stands in no room: lint/rooms.js has the list.`;

  // The command of the shell stands above the features: it makes the tables of all, whichever an app takes.
  if (house.folder === 'src/server/auth/' && here.startsWith('command/')) {
    const isTie = below === 0 && there !== 'create-administration.ts';
    return isTie ? 'The command is made of rooms, not of what ties them.' : null;
  }

  const feature = featureOf(there);
  if (from === SHARED + FACE) return null;
  if (feature !== undefined && featureOf(here) === undefined) return 'The core never imports a feature.';
  // In the shared half a feature is one file.
  if (feature !== undefined && featureOf(here) !== feature && !/^features\/[^/]+(?:\/index)?\.tsx?$/.test(there)) {
    return 'A feature reaches another one through its index.ts.';
  }
  if (featureOf(here) !== undefined && SEAM.includes(there)) return null;
  // The hook of a feature stands with those that know React, and beside the half that does not.
  if (feature !== undefined && featureOf(here) === feature) return null;
  if (below < floor) return `${here} is below ${there}: files of a room import down the list, never up.`;
  if (floor === below && floor > 0 && floor < GROUND && feature === undefined) {
    const inner = innerRoomOf(there);
    if (inner !== undefined && inner !== innerRoomOf(here)) return `${inner} is a room of its own within its room.`;
  }
  return null;
};

/**
 * Says what is wrong with what either half imports of the shared one, or null. Paths are relative to the repository.
 *
 * @param {{ from: string, to: string, typeOnly: boolean }} found
 * @returns {string | null}
 */
export const brokenShare = ({ from, to, typeOnly }) => {
  const house = HOUSES.find(({ folder }) => folder !== SHARED && from.startsWith(folder));
  if (house === undefined || !to.startsWith(SHARED)) return null;
  const [here, there] = [from.slice(house.folder.length), to.slice(SHARED.length)];
  if (there === FACE) return typeOnly ? null : 'Import a value from its own file: this one brings every feature along.';
  const feature = featureOf(there);
  if (feature === undefined || feature === featureOf(here) || here.startsWith('command/')) return null;
  return featureOf(here) === undefined
    ? 'The core never imports a feature.'
    : 'A feature shares its own, and no other.';
};
