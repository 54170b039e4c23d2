import type { Auth } from '../../auth.ts';
import type { AuthCore } from '../../feature.ts';
import { createSlot } from '../../slot.ts';
import { type AskForLinks, createAskForLinks } from './ask-for-links.ts';
import { createRevertEmail, type RevertEmail } from './revert-email.ts';
import { createVerifyEmail, type VerifyEmail } from './verify-email.ts';

/** What the procedures of mailed links work with. */
interface LinkService extends AskForLinks {
  verifyEmail: VerifyEmail;
  revertEmail: RevertEmail;
}

const slot = createSlot<LinkService>('mail-links', 'Add mail() to the features of createAuth.');

export const linksOf = (auth: Auth): LinkService => slot.of(auth);

export const installLinks = (auth: Auth, core: AuthCore): void =>
  slot.fill(auth, {
    ...createAskForLinks(core),
    verifyEmail: createVerifyEmail(core),
    revertEmail: createRevertEmail(core),
  });
