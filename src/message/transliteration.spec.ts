import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstOutside, GSM_DEFAULT } from './gsm-alphabet.js';
import { transliterate } from './transliteration.js';

describe('transliteration', () => {
  it.each([
    ['typographic quotation marks', '‘a’ “b” «c» `d´', '\'a\' "b" "c" \'d\''],
    ['dashes and hyphens', 'a–b—c‑d−e', 'a-b-c-d-e'],
    ['the ellipsis', 'wait…', 'wait...'],
    ['spaces of other widths and the tabulator', 'a\u00A0b\u2009c\u202Fd\te', 'a b c d e'],
    ['what has no width', 'a\u200Bb\uFEFFc\u00ADd', 'abcd'],
    ['line breaks of other alphabets', 'a\u2028b\u2029c', 'a\nb\nc'],
    ['bullets, signs and fractions', '• ½ © ™', '* 1/2 (c) (TM)'],
    ['letters and marks written apart', 'cafe\u0301', 'café'],
  ])('replaces %s', (_what, text, expected) => {
    const { text: written } = transliterate(text);
    expect(written).toBe(expected);
    expect(firstOutside(GSM_DEFAULT, written)).toBe(-1);
  });

  it('leaves letters as they are', () => {
    const text = 'Łódź, França, Привет, 漢字 👍';
    expect(transliterate(text)).toEqual({ text, replaced: [] });
  });

  it('reports every character once, what became of it and how often, in the order of the text', () => {
    expect(transliterate('“a” … “b”\u200B e\u0301').replaced).toEqual([
      { from: 'e\u0301', to: 'é', count: 1 },
      { from: '“', to: '"', count: 2 },
      { from: '”', to: '"', count: 2 },
      { from: '…', to: '...', count: 1 },
      { from: '\u200B', to: '', count: 1 },
    ]);
  });

  it('changes nothing of what GSM 7-bit has, and nothing a second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = transliterate(text);
        expect(transliterate(once.text)).toEqual({ text: once.text, replaced: [] });
        for (const character of text) {
          if (firstOutside(GSM_DEFAULT, character) < 0)
            expect(once.replaced.map(({ from }) => from)).not.toContain(character);
        }
      }),
    );
  });
});
