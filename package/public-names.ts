import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LIST = /^export (type )?\{([^}]*)\}/gm;
const ALL = /^export (type )?\* from '([^']+)'/gm;
const DECLARED = /^export (?:declare )?(const|function|class|interface|type) (\w+)/gm;

/** Names by whether there is something of them at run time. */
type Names = Map<string, 'value' | 'type'>;

const namesIn = (declarations: string): Names => {
  const names: Names = new Map();
  const text = readFileSync(declarations, 'utf8');
  for (const [, kind, name = ''] of text.matchAll(DECLARED)) {
    names.set(name, kind === 'interface' || kind === 'type' ? 'type' : 'value');
  }
  for (const [, isType, list = ''] of text.matchAll(LIST)) {
    for (const item of list
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')) {
      const name = item.replace(/^type /, '').replace(/^.* as /, '');
      names.set(name, isType !== undefined || item.startsWith('type ') ? 'type' : 'value');
    }
  }
  for (const [, isType, specifier = ''] of text.matchAll(ALL)) {
    const path = join(dirname(declarations), specifier.replace(/\.tsx?$/, '.d.ts'));
    for (const [name, kind] of namesIn(path)) names.set(name, isType === undefined ? kind : 'type');
  }
  return names;
};

/** What the declarations of an entry export, a name a line in the order of the alphabet. */
export const publicNames = (declarations: string): string[] =>
  [...namesIn(declarations)].map(([name, kind]) => (kind === 'type' ? `type ${name}` : name)).toSorted();
