import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { buildServers } from './build.ts';
import { createBench } from './context.ts';
import { installPeers } from './install-peers.ts';
import { describeRun } from './machine.ts';
import { tableOf } from './markdown.ts';
import type { Row } from './row.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const USAGE = `npm run bench [-- [--quick] [--json FILE] [--profile FOLDER] [SCENARIO ...]]

  --quick            everything once, to see that it works: the figures mean nothing
  --json FILE        writes the rows as JSON too
  --profile FOLDER   has every server write a CPU profile there (which slows it down)

${scenarios.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n')}
`;

const readArguments = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}.\n\n${USAGE}`);
  return { ...values, names: positionals };
};

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const { quick, json, profile, help, names } = readArguments();
if (help) {
  print(USAGE);
  process.exit(0);
}
const chosen = scenarios.filter(({ name }) => names.length === 0 || names.includes(name));

installPeers();
say('Building the servers …');
await buildServers();

const run = describeRun(
  new Date(),
  ['npm run bench', ...process.argv.slice(2)].join(' ').replace('bench ', 'bench -- '),
);
print(`${run.map((line) => `- ${line}`).join('\n')}\n`);

const bench = createBench({
  quick,
  say,
  ...(profile !== undefined && { profileDir: resolve(profile) }),
});
/** Who only wants to see that all of it works need not wait for one after the other. */
const limit = pLimit(quick ? 3 : 1);

const runScenario = async ({ name, title, run }: Scenario): Promise<{ scenario: string; rows: Row[] }> => {
  say(`${name} …`);
  const rows = await bench.scope(run);
  print(`## ${name}\n\n${title}\n\n${tableOf(rows)}\n`);
  return { scenario: name, rows };
};

const outcomes = await Promise.allSettled(chosen.map((scenario) => limit(runScenario, scenario)));
await bench.stop();
const results = outcomes.map((outcome) => {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
});
if (json !== undefined) writeFileSync(json, `${JSON.stringify({ run, quick, results }, null, 2)}\n`);
