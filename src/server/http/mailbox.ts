import { Router } from 'express';

/** Where the page `/mailbox` asks for what it shows. */
const MAILS_PATH = '/mailbox/mails.json';

/**
 * The mails that a development server has kept in place of sending them, newest first. They hold links that sign in.
 */
export const mailbox = (read: () => Promise<unknown>): Router => {
  const router = Router();
  router.get(MAILS_PATH, async (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    res.json(await read());
  });
  return router;
};
