// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { takeMailedLinks } from './mailed-links.ts';

/** A page of its own, since nobody stops listening to the window. */
const openPage = () => {
  const target = new EventTarget();
  return { location, history, addEventListener: target.addEventListener.bind(target), target };
};

afterEach(() => history.replaceState(null, '', '/'));

test.each(['/reset-password', '/verify-email', '/revert-email'])(
  'the token of a link to %s is taken, and leaves no trace in the address or the history',
  (path) => {
    history.replaceState({ kept: 1 }, '', `${path}?lang=en#token=secret&username=ada%40mail.example`);
    const entries = history.length;
    expect(takeMailedLinks(openPage()).get()).toEqual({ token: 'secret', username: 'ada@mail.example' });
    expect(location.href).toMatch(new RegExp(`${path}\\?lang=en$`));
    expect([history.length, history.state]).toEqual([entries, { kept: 1 }]);
  },
);

test.each([
  ['/reset-password', null],
  ['/reset-password#', null],
  ['/reset-password#token=', null],
  ['/reset-password#username=ada', null],
  ['/reset-password#token=sec%20ret%0A', { token: 'secret', username: null }],
])('%s is %j', (address, link) => {
  history.replaceState(null, '', address);
  expect(takeMailedLinks(openPage()).get()).toEqual(link);
  expect(location.hash).toBe('');
});

test('the fragment of any other page is its own', () => {
  history.replaceState(null, '', '/account/sessions#main');
  expect(takeMailedLinks(openPage()).get()).toBeNull();
  expect(location.hash).toBe('#main');
});

test('a link that is opened in the open page takes the place of the first', () => {
  history.replaceState(null, '', '/verify-email#token=first');
  const page = openPage();
  const links = takeMailedLinks(page);
  const heard = vi.fn<() => void>();
  const unsubscribe = links.subscribe(heard);
  history.replaceState(null, '', '/verify-email#token=second');
  page.target.dispatchEvent(new Event('hashchange'));
  expect(links.get()).toEqual({ token: 'second', username: null });
  expect([location.hash, heard.mock.calls.length]).toEqual(['', 1]);
  unsubscribe();
});
