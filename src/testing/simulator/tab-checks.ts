import type { World } from './world.ts';

/** What holds in every tab whenever nothing is left to do without time. */
export const checkTabs = ({ network, tabs, watch, person, isUnmarked }: World): void => {
  const awaited = network.underWay().filter(({ waiter, isReplaced }) => waiter.isAwaiting && !isReplaced);
  const expected = person.expectedSince();

  for (const tab of tabs()) {
    const refreshes = awaited.filter(({ path, waiter }) => path === 'auth.refresh' && waiter.tab === tab.id);
    if (refreshes.length > 1) watch.violated('flight', `${refreshes.length} in tab ${tab.id}`);

    const { before, now } = tab.look();
    const { heard } = tab;
    if (now.status === 'authenticated' && before.status !== 'authenticated' && expected === null && !isUnmarked()) {
      watch.violated('logout', `tab ${tab.id} is signed in again, as ${now.user.username}`);
    }
    if (now.status === 'anonymous') {
      if ('authorization' in tab.auth.headers()) watch.violated('logout', `tab ${tab.id} has a token and no user`);

      const ended = before.status === 'anonymous' ? null : now.ended;
      if (ended !== null && ended.reason !== 'signed_out' && !heard.has(ended.reason)) {
        watch.violated('honest', `tab ${tab.id} ended by itself, as ${ended.reason}`);
      }
      if (ended !== null && typeof expected === 'string') {
        watch.violated('honest', `tab ${tab.id} signed ${expected} out: ${JSON.stringify(ended)}`);
      }
    }
    heard.clear();
  }
};
