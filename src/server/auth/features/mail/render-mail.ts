import { wordsOf } from './mail-words.ts';
import type { MailContent, RenderedMail } from './outgoing-mail.ts';

/** Names, addresses and browsers are the texts of others. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ESCAPES[found] ?? '');

/** Lines of the same paragraph stay lines. Other control characters show nothing, and direction marks mislead. */
const plain = (text: string): string => text.replaceAll(/[^\P{C}\n\u200b]/gu, ' ');

/** What mail programs make links of: `evil.example`, `https://evil.example`, `someone@evil.example`. */
const LINKED = /(?<=\S)(?:[.\u3002\uff0e\uff61](?=\p{L})|:(?=\/\/)|@)/gu;

/** Takes no width, and keeps a mail program from seeing a link. */
const BREAK = '\u200b';

/** A text of others as it is shown: a mail of ours, which people trust, has no link in it that a stranger chose. */
const unlinked = (text: string): string => plain(text).replaceAll(LINKED, (found) => `${BREAK}${found}${BREAK}`);

const asShown = ({ details, ...content }: MailContent): MailContent => ({
  ...content,
  username: content.username === null ? null : unlinked(content.username),
  details: {
    ...details,
    ...(details.userAgent && { userAgent: unlinked(details.userAgent) }),
    ...(details.what !== undefined && { what: unlinked(details.what) }),
    ...(details.reason !== undefined && { reason: unlinked(details.reason) }),
    ...(details.newAddress !== undefined && { newAddress: unlinked(details.newAddress) }),
  },
});

const paragraph = (text: string): string =>
  `<p style="margin:0 0 16px">${escapeHtml(text).replaceAll('\n', '<br>')}</p>`;

const BUTTON =
  'display:inline-block;padding:10px 18px;border-radius:6px;background:#1f2937;color:#ffffff;text-decoration:none';

const codeWords = (token: string): string => `If the page asks for a code, it is this one:\n${token}`;

const textOf = (greeting: string, content: MailContent): string => {
  const { before, action, after } = wordsOf(content);
  const link =
    content.link === undefined || action === undefined
      ? []
      : [`${action}:\n${content.link.url}`, codeWords(content.link.token)];
  return `${[greeting, ...before, ...link, ...after, content.appName].map(plain).join('\n\n')}\n`;
};

const htmlOf = (greeting: string, content: MailContent): string => {
  const { subject, before, action, after } = wordsOf(content);
  const link =
    content.link === undefined || action === undefined
      ? ''
      : `<p style="margin:0 0 16px"><a href="${escapeHtml(content.link.url)}" style="${BUTTON}">${escapeHtml(action)}</a></p>${paragraph(codeWords(content.link.token))}`;
  const paragraphs = (texts: readonly string[]): string => texts.map((text) => paragraph(plain(text))).join('');
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(plain(subject))}</title></head>`,
    '<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1f2937;background:#ffffff">',
    `<div style="max-width:560px">${paragraphs([greeting, ...before])}${link}${paragraphs([...after, content.appName])}</div>`,
    '</body></html>',
  ].join('\n');
};

/** The mail of each kind, as text and as HTML. */
export const renderStandardMail = (given: MailContent): RenderedMail => {
  const content = asShown(given);
  const greeting = content.username === null ? 'Hello,' : `Hello ${content.username},`;
  return {
    subject: plain(wordsOf(content).subject).replaceAll('\n', ' '),
    text: textOf(greeting, content),
    html: htmlOf(greeting, content),
  };
};
