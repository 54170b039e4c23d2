import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync('docs/deploy.md', 'utf8');

/** The settings of a unit for systemd, by their section. */
const unit = new Map<string, Map<string, string>>();
const [, text = ''] = /^```ini\n([^]*?)^```/m.exec(page) ?? [];
let section = new Map<string, string>();
for (const line of text.split('\n')) {
  const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
  if (name === undefined) {
    const [key = '', ...value] = line.split('=');
    section.set(key, value.join('='));
  } else {
    section = new Map();
    unit.set(name, section);
  }
}

test('the unit for systemd goes on starting a server whose database is away, and lets one stop in its own time', () => {
  // Where systemd looks for it: in [Service] it would be ignored.
  expect(unit.get('Unit')?.get('StartLimitIntervalSec')).toBe('0');
  const service = unit.get('Service');
  expect(service?.get('Restart')).toBe('on-failure');
  expect(Number(service?.get('RestartSec'))).toBeGreaterThan(0);
  expect(Number(service?.get('TimeoutStopSec'))).toBeGreaterThan(10);
  expect(service?.get('ExecStart')).toMatch(/^\/usr\/bin\/node .*dist\/server\/main\.js$/);
});
