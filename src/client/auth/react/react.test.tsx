// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react';
import { Profiler, type ReactElement, StrictMode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { createTestBrowser, type TestTab } from '#testing/client/browser.ts';
import { settle } from '../testing/clock.ts';
import { AuthProvider, useAuth } from './index.tsx';

afterEach(cleanup);

const Who = (): ReactElement => {
  const auth = useAuth();
  return <p>{auth.status === 'authenticated' ? auth.user.username : auth.status}</p>;
};

const renderUnder = (auth: TestTab['auth'], onRender = (): void => undefined) =>
  render(
    <StrictMode>
      <AuthProvider auth={auth}>
        <Profiler id="who" onRender={onRender}>
          <Who />
        </Profiler>
      </AuthProvider>
    </StrictMode>,
  );

test('under StrictMode a session is restored once, and shown', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  renderUnder(tab.auth);
  expect(screen.getByText('restoring')).toBeDefined();
  await act(settle);
  expect(screen.getByText('ada')).toBeDefined();
  expect(tab.network.log).toHaveLength(1);
});

test('unmounting and mounting again restores nothing again', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  renderUnder(tab.auth).unmount();
  await settle();
  renderUnder(tab.auth);
  await act(settle);
  expect(screen.getByText('ada')).toBeDefined();
  expect(tab.network.log).toHaveLength(1);
});

test('the page follows the session: sign-in, sign-out, and nothing else', async () => {
  const browser = createTestBrowser();
  const tab = browser.openTab();
  let renders = 0;
  renderUnder(tab.auth, () => {
    renders += 1;
  });
  expect(screen.getByText('anonymous')).toBeDefined();
  await act(() => tab.auth.signIn({ username: 'bob', password: 'battery staple' }));
  expect(screen.getByText('bob')).toBeDefined();
  const before = renders;
  await act(() => browser.clock.advance(720_000));
  expect(tab.network.sent('auth.refresh')).toHaveLength(1);
  expect(renders).toBe(before);
  await act(() => tab.auth.signOut());
  expect(screen.getByText('anonymous')).toBeDefined();
});

test('useAuth outside its provider says what is missing', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(() => render(<Who />)).toThrow('useAuth needs an AuthProvider');
});

test('another client that takes the place of the first is started too', async () => {
  const { rerender } = render(
    <AuthProvider auth={createTestBrowser().openTab().auth}>
      <Who />
    </AuthProvider>,
  );
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  rerender(
    <AuthProvider auth={browser.openTab().auth}>
      <Who />
    </AuthProvider>,
  );
  await act(settle);
  expect(screen.getByText('ada')).toBeDefined();
});
