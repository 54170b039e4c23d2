import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identifierKey, normalizeIdentifier } from './identifiers.ts';

/** Letters of many scripts, with marks, cases, ligatures and dots of their own, and what no domain may hold. */
const letters = fc.constantFrom(
  ...Array.from('abzAZ019-üÜßẞñçéÉığİſσςΣжЖλ字あアｱ한กქᲥᎠꭰאبएﬁ①Å。．¨͏­\u0301\u0308\u00a0\u1680\u200d\ud800/:@#?%[ '),
);
const domains = fc
  .array(
    fc.array(letters, { minLength: 1, maxLength: 6 }).map((label) => label.join('')),
    { minLength: 1, maxLength: 3 },
  )
  .map((labels) => [...labels, 'example'].join('.'));
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.tuple(fc.string({ unit: 'grapheme' }), domains).map((parts) => parts.join('@')),
);

test.each([
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['Ada@BÜCHER.Example', 'ada@xn--bcher-kva.example'],
  ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
  ['ada@ｂücher．example', 'ada@xn--bcher-kva.example'],
  ['ada@bücher。example', 'ada@xn--bcher-kva.example'],
  ['ada@ΒΌΛΟΣ.example', 'ada@xn--nxasmq6b.example'],
  ['müller@bücher.example', 'müller@xn--bcher-kva.example'],
])('the key of %s is %s', (address, key) => {
  expect(identifierKey(address)).toBe(key);
});

test.each([
  'ada@mail.example',
  'a@b@c.example',
  'ada@127.1',
  'ada@1',
  'ada@[::1]',
  'ada@xn--bcher-kva.example',
  'ada@exa_mple.example',
  'ada@',
  '@',
  'ada_lovelace.1815',
  'ada@bücher.example/x',
  'ada@bücher.example:80',
  'ada@b%c3%bccher.ü',
  'ada@ü\tü.example',
  'bücher.example',
])('%s is its own key', (text) => {
  expect(identifierKey(text)).toBe(text);
});

test('the key of a key is itself, and so is the form in which an identifier is shown', () => {
  expect(identifierKey('¨a')).toBe('\u0308a');
  fc.assert(
    fc.property(texts, (text) => {
      const key = identifierKey(text);
      expect(identifierKey(key)).toBe(key);
      expect(identifierKey(normalizeIdentifier(text))).toBe(key);
      expect(normalizeIdentifier(normalizeIdentifier(text))).toBe(normalizeIdentifier(text));
    }),
    { numRuns: 1_000 },
  );
});

test('an address has one key, whichever form its domain is written in', () => {
  fc.assert(
    fc.property(domains, (domain) => {
      const ascii = domainToASCII(domain.normalize('NFKC'));
      fc.pre(ascii !== '' && !/[\s/:@#?%[]/.test(domain.normalize('NFKC')));
      expect(identifierKey(`ada@${domain}`)).toBe(`ada@${ascii}`);
    }),
    { numRuns: 1_000 },
  );
});

test('what has no letter beyond ASCII has the key that it always had', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(identifierKey(text)).toBe(text.trim().toLowerCase());
    }),
    { numRuns: 1_000 },
  );
});
