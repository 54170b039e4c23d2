import {
  createLazyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  type RouterHistory,
  type SearchSchemaInput,
} from '@tanstack/react-router';
import { ErrorPage } from './errors/error-page.tsx';
import { NotFoundPage } from './errors/not-found-page.tsx';
import { PageSkeleton } from './layout/page-skeleton.tsx';
import { RootLayout } from './layout/root-layout.tsx';
import { createMailboxRoutes } from './mailbox/mailbox-routes.ts';
import { GuestsOnly } from './routing/guests-only.tsx';
import { loadPage } from './routing/load-page.ts';
import { RequireSession } from './routing/require-session.tsx';

const rootRoute = createRootRoute({ component: RootLayout, notFoundComponent: NotFoundPage });

/** `?next=` names the page to return to. Anybody can write it: it is checked where it is followed. */
const validateSearch = (search: { next?: unknown } & SearchSchemaInput): { next?: string | undefined } => ({
  next: typeof search.next === 'string' ? search.next : undefined,
});

const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/' }).lazy(async () =>
  createLazyRoute('/')({ component: await loadPage(async () => (await import('./home/home-page.tsx')).HomePage) }),
);

const guestsRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'guests',
  component: GuestsOnly,
  validateSearch,
});

const signInRoute = createRoute({ getParentRoute: () => guestsRoute, path: 'sign-in' }).lazy(async () =>
  createLazyRoute('/guests/sign-in')({
    component: await loadPage(async () => (await import('./sign-in/sign-in-page.tsx')).SignInPage),
  }),
);

const signUpRoute = createRoute({ getParentRoute: () => guestsRoute, path: 'sign-up' }).lazy(async () =>
  createLazyRoute('/guests/sign-up')({
    component: await loadPage(async () => (await import('./sign-up/sign-up-page.tsx')).SignUpPage),
  }),
);

const forgotPasswordRoute = createRoute({ getParentRoute: () => rootRoute, path: 'forgot-password' }).lazy(async () =>
  createLazyRoute('/forgot-password')({
    component: await loadPage(
      async () => (await import('./forgot-password/forgot-password-page.tsx')).ForgotPasswordPage,
    ),
  }),
);

const resetPasswordRoute = createRoute({ getParentRoute: () => rootRoute, path: 'reset-password' }).lazy(async () =>
  createLazyRoute('/reset-password')({
    component: await loadPage(async () => (await import('./reset-password/reset-password-page.tsx')).ResetPasswordPage),
  }),
);

const verifyEmailRoute = createRoute({ getParentRoute: () => rootRoute, path: 'verify-email' }).lazy(async () =>
  createLazyRoute('/verify-email')({
    component: await loadPage(async () => (await import('./verify-email/verify-email-page.tsx')).VerifyEmailPage),
  }),
);

const revertEmailRoute = createRoute({ getParentRoute: () => rootRoute, path: 'revert-email' }).lazy(async () =>
  createLazyRoute('/revert-email')({
    component: await loadPage(async () => (await import('./revert-email/revert-email-page.tsx')).RevertEmailPage),
  }),
);

const sessionRoute = createRoute({ getParentRoute: () => rootRoute, id: 'session', component: RequireSession });

const sessionsRoute = createRoute({ getParentRoute: () => sessionRoute, path: 'account/sessions' }).lazy(async () =>
  createLazyRoute('/session/account/sessions')({
    component: await loadPage(async () => (await import('./sessions/sessions-page.tsx')).SessionsPage),
  }),
);

const profileRoute = createRoute({ getParentRoute: () => sessionRoute, path: 'account/profile' }).lazy(async () =>
  createLazyRoute('/session/account/profile')({
    component: await loadPage(async () => (await import('./profile/profile-page.tsx')).ProfilePage),
  }),
);

const securityRoute = createRoute({ getParentRoute: () => sessionRoute, path: 'account/security' }).lazy(async () =>
  createLazyRoute('/session/account/security')({
    component: await loadPage(async () => (await import('./security/security-page.tsx')).SecurityPage),
  }),
);

const activityRoute = createRoute({ getParentRoute: () => sessionRoute, path: 'account/activity' }).lazy(async () =>
  createLazyRoute('/session/account/activity')({
    component: await loadPage(async () => (await import('./activity/activity-page.tsx')).ActivityPage),
  }),
);

const routeTree = rootRoute.addChildren([
  homeRoute,
  guestsRoute.addChildren([signInRoute, signUpRoute]),
  forgotPasswordRoute,
  resetPasswordRoute,
  verifyEmailRoute,
  revertEmailRoute,
  sessionRoute.addChildren([profileRoute, securityRoute, sessionsRoute, activityRoute]),
]);

// Beside the tree, whose types name the pages that there always are.
if (import.meta.env.DEV) rootRoute.addChildren([...(routeTree.children ?? []), ...createMailboxRoutes(rootRoute)]);

/** `history` is the browser's own unless another one is given. */
export const createAppRouter = (history?: RouterHistory) =>
  createRouter({
    routeTree,
    defaultErrorComponent: ErrorPage,
    defaultPendingComponent: PageSkeleton,
    ...(history && { history }),
  });

export type AppRouterInstance = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouterInstance;
  }
}
