import type { Row, Target } from './row.ts';
import type { Spread } from './statistics.ts';

const MARKS = { true: 'reached', false: '**missed**' } as const;

/** Three significant digits, as many as rounds of a second or so carry. */
const figure = (value: number): string => {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
};

const spread = ({ median, min, max }: Spread): string =>
  min === max ? figure(median) : `${figure(median)} (${figure(min)} to ${figure(max)})`;

/** By the figure that is printed: what is behind it is noise. */
const judge = (target: Target, value: number): string => {
  const shown = Number(value.toPrecision(3));
  return 'atMost' in target
    ? `at most ${figure(target.atMost)}: ${MARKS[`${shown <= target.atMost}`]}`
    : `at least ${figure(target.atLeast)}: ${MARKS[`${shown >= target.atLeast}`]}`;
};

const HEAD = ['what', 'unit', 'ours', 'compared with', 'theirs', 'ratio', 'target'];

const cells = ({ what, unit, ours, comparedWith, theirs, ratio, target }: Row): string[] => [
  what,
  unit,
  spread(ours),
  comparedWith ?? '',
  theirs ? spread(theirs) : '',
  ratio ? spread(ratio) : '',
  target ? judge(target, (ratio ?? ours).median) : 'report',
];

const line = (texts: readonly string[]): string =>
  `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

/** The rows of one scenario as a table, with the notes under it. */
export const tableOf = (rows: readonly Row[]): string => {
  const notes = new Set(rows.flatMap(({ note }) => note ?? []));
  const table = [HEAD, HEAD.map(() => '---'), ...rows.map(cells)].map(line);
  return [...table, ...[...notes].flatMap((note) => ['', note])].join('\n');
};
