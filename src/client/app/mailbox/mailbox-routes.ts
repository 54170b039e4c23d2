import { type AnyRoute, createRoute } from '@tanstack/react-router';
import { lazy } from 'react';

/** The pages of the mailbox, which only a development server has. */
export const createMailboxRoutes = (root: AnyRoute): AnyRoute[] => [
  createRoute({
    getParentRoute: () => root,
    path: 'mailbox',
    component: lazy(async () => ({ default: (await import('./mailbox-page.tsx')).MailboxPage })),
  }),
  createRoute({
    getParentRoute: () => root,
    path: 'mailbox/$mailId',
    component: lazy(async () => ({ default: (await import('./mail-page.tsx')).MailPage })),
  }),
];
