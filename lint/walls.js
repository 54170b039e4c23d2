import { dirname, join, normalize } from 'node:path/posix';
import { ENTRIES } from './entries.js';
import { brokenRule, brokenShare } from './rooms.js';

/**
 * The walls between the folders of `src`, as one lint rule. The rules of the box (`no-restricted-imports`) match the
 * text of a specifier; these look at the file that it names.
 */

/** @typedef {{ from: string, specifier: string, typeOnly: boolean }} Import paths relative to the repository */

/** @type {Record<string, string>} the `imports` of package.json */
const ALIASES = {
  '#shared/': 'src/shared/',
  '#server/': 'src/server/',
  '#client/': 'src/client/',
  '#testing/': 'src/testing/',
};

const PACKAGE = 'latchkey/';

/** What stands behind one is nobody's business. */
const FACES = new Set(ENTRIES.values());

const TEST_FILE = /\.(?:test|test-d|fixture)\.tsx?$/;
const AUTH_FILE = /^src\/(shared|server|client)\/auth\//;
const REACT = /^react(-dom)?(\/|$)/;

/** @param {Import} found @returns {string | null} the path that is imported, or null for a package */
const target = ({ from, specifier }) => {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  if (specifier.startsWith(PACKAGE)) return ENTRIES.get(specifier) ?? null;
  const alias = Object.keys(ALIASES).find((prefix) => specifier.startsWith(prefix));
  return alias ? `${ALIASES[alias]}${specifier.slice(alias.length)}` : null;
};

/** Of the package, for whoever tests an app that has it. */
const TEST_KIT = /^src\/client\/auth\/testing\//;

/** @param {string} path @returns {string} shared, server, client or testing; or what stands beside src */
const sideOf = (path) => /^src\/([^/]+)/.exec(path)?.[1] ?? path.split('/')[0] ?? '';

/**
 * Says which wall an import breaks, or null.
 *
 * @param {Import} found
 * @returns {string | null}
 */
export const brokenWall = (found) => {
  const { from, specifier, typeOnly } = found;
  const to = target(found);
  const side = sideOf(from);
  const inAuth = AUTH_FILE.test(from);

  // Tests stand on both sides of every wall but the faces: they drive a real client against a real server.
  const test = TEST_FILE.test(from) || side === 'testing' || side === 'attacks' || TEST_KIT.test(from);

  if (to === null) {
    if (test) return null;
    if (specifier.startsWith('node:') && (side === 'shared' || side === 'client')) {
      return `src/${side} runs in the browser: it imports nothing of Node.js.`;
    }
    if (inAuth && REACT.test(specifier) && !from.startsWith('src/client/auth/react/')) {
      return 'Only src/client/auth/react knows React: the engine under it is free of it.';
    }
    return null;
  }

  const toSide = sideOf(to);
  if (TEST_KIT.test(from) && !TEST_FILE.test(from) && toSide === 'server') {
    return 'The test kit is installed where there is no server: it imports nothing of the server half.';
  }
  const toAuth = AUTH_FILE.test(to);

  if (!test) {
    if ((toSide === 'testing' || TEST_KIT.test(to)) && from.startsWith('src/')) return 'Only tests import a test kit.';
    if (side === 'shared' && toSide !== 'shared') return 'src/shared is what both sides speak: it imports neither.';
    if (side === 'client' && toSide === 'server' && !typeOnly) {
      return 'The client imports the server by `import type` only: nothing else of it may reach the bundle.';
    }
    if (side === 'server' && toSide === 'client') return 'The server imports nothing of the client.';
    if (inAuth && !toAuth) return 'The auth folders are the package: they import nothing of the app around them.';
    if (inAuth && !specifier.startsWith('.')) {
      return 'The auth folders import each other by relative paths: the built package has no such alias.';
    }
    const rule = brokenRule(from, to) ?? brokenShare({ from, to, typeOnly });
    if (rule !== null) return rule;
  }

  if (toAuth && !inAuth && side !== 'testing' && !specifier.startsWith(PACKAGE)) {
    // The benchmarks are a package of their own, in which ours has no name.
    if (side !== 'bench' || !FACES.has(to)) {
      return 'Reach an auth folder by an entry of the package, such as latchkey/server: package.json has the list.';
    }
  }
  if (!inAuth && specifier.startsWith('.') && from.startsWith('src/') && to.startsWith('src/') && side !== toSide) {
    return `Import across folders as #${toSide}/..., not by a relative path.`;
  }
  return null;
};

/** @typedef {{ source?: { value?: unknown } | null, importKind?: string, exportKind?: string }} ModuleNode */
/**
 * @typedef {{ cwd: string, filename: string, report(found: { node: ModuleNode, message: string }): void }} RuleContext
 */

const rule = {
  meta: { type: 'problem', docs: { description: 'Keep the walls between the folders of src.' } },

  /** @param {RuleContext} context @returns {Record<string, (node: ModuleNode) => void>} */
  create(context) {
    const root = `${context.cwd.replaceAll('\\', '/')}/`;
    const path = context.filename.replaceAll('\\', '/');
    if (!path.startsWith(root)) return {};
    const from = path.slice(root.length);

    /** @param {ModuleNode} node @param {boolean} typeOnly */
    const check = (node, typeOnly) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const message = brokenWall({ from, specifier, typeOnly });
      if (message !== null) context.report({ node, message });
    };

    return {
      ImportDeclaration: (node) => check(node, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.exportKind === 'type'),
      ImportExpression: (node) => check(node, false),
      TSImportType: (node) => check(node, true),
    };
  },
};

export default { meta: { name: 'latchkey' }, rules: { walls: rule } };
