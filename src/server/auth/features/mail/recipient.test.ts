import { expect, test } from 'vitest';
import { RecipientRefusedError } from './outgoing-mail.ts';
import { recipientOf } from './recipient.ts';

test.each([
  ['ada@mail.example', 'ada@mail.example'],
  ["o'hara+tag@mail.example", "o'hara+tag@mail.example"],
  ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
])('%j is sent to as %j', (address, sentTo) => {
  expect(recipientOf(address)).toBe(sentTo);
});

test.each([
  'ada@mail.example,eve@evil.example',
  'ada@mail.example\r\nRCPT TO:<eve@evil.example>',
  'ada@mail.example, evil.example',
  'ada@mail.example,evil.example',
  'ada@mail.example;evil.example',
  'ada@mail.example"',
  'ada@mail.example)',
  'eve,ada@mail.example',
  '"ada eve"@mail.example',
  'Ada <ada@mail.example>',
  'ada\u0000@mail.example',
  '@mail.example',
  'ada',
  'ada@',
  'ada@[192.0.2.1]',
])('%j is no single recipient, and nothing is sent', (address) => {
  expect(() => recipientOf(address)).toThrow(RecipientRefusedError);
});
