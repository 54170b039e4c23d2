import { z } from 'zod/v4';
import type { AuthCore } from '../../feature.ts';
import type { MailKind } from '../../mail/mail.ts';
import { linkUrl } from './mail-links.ts';
import { placeOf } from './mail-queue.ts';
import type { MailRow } from './mail-tables.ts';
import type { Attempt } from './outbox.ts';
import { type Deliver, type MailContent, RecipientRefusedError, type RenderedMail } from './outgoing-mail.ts';
import { renderStandardMail } from './render-mail.ts';

/** Another wording, or another language. The standard one is given for the kinds that it leaves as they are. */
export type RenderMail = (mail: MailContent, standard: RenderedMail) => RenderedMail | Promise<RenderedMail>;

const sealedSchema = z.object({
  to: z.string(),
  username: z.string().nullable(),
  link: z.object({ token: z.string(), endsAt: z.number() }).optional(),
  details: z
    .object({
      ip: z.string().nullable().optional(),
      userAgent: z.string().nullable().optional(),
      newAddress: z.string().optional(),
      what: z.string().optional(),
      reason: z.string().optional(),
    })
    .default({}),
});

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else is queued
const kindOf = (row: MailRow) => row.kind as MailKind;

export type OpenMail = (row: MailRow) => MailContent | undefined;

/** What a row says. Undefined: none of the secrets that are left opens it. */
export const createOpenMail =
  ({ sealing, origin, appName }: Pick<AuthCore, 'sealing' | 'origin' | 'appName'>): OpenMail =>
  (row) => {
    const opened = row.content === '' ? undefined : sealing.open(placeOf(row), row.content);
    if (opened === undefined) return undefined;
    const { link, to, username, details } = sealedSchema.parse(JSON.parse(opened.value));
    const kind = kindOf(row);
    return {
      kind,
      appName,
      origin,
      to,
      username,
      at: new Date(row.created_at),
      ...(link && {
        link: {
          url: linkUrl(origin, { kind, username, to, link }),
          token: link.token,
          endsAt: new Date(link.endsAt),
        },
      }),
      details,
    };
  };

export const createRender =
  (renderMail: RenderMail | undefined) =>
  async (content: MailContent): Promise<RenderedMail> => {
    const standard = renderStandardMail(content);
    return renderMail === undefined ? standard : await renderMail(content, standard);
  };

export interface SendMailOptions {
  open: OpenMail;
  render(content: MailContent): Promise<RenderedMail>;
  deliver: Deliver;
}

/** Opens, renders and hands over. */
export const createSendMail =
  ({ open, render, deliver }: SendMailOptions) =>
  async (row: MailRow, signal: AbortSignal): Promise<Attempt> => {
    const content = open(row);
    if (content === undefined) return 'unreadable';
    const rendered = await render(content);
    try {
      await deliver({ ...rendered, id: row.id, kind: content.kind, to: content.to }, signal);
      return 'sent';
    } catch (error) {
      if (error instanceof RecipientRefusedError) return 'refused';
      throw error;
    }
  };
