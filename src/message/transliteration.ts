// "Smart encoding": typographic characters that a text processor puts in and nobody typed, replaced by
// what GSM 7-bit has for them, so that one quotation mark does not turn a text into UCS-2 and its one
// part into three. Letters are never touched: a name without its accents is another name.
import type { Replacement } from './message-format.js';

const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ...each('‘’‚‛′‵`´ʹʼˈ', "'"),
  ...each('“”„‟″‶«»〝〞', '"'),
  ...each('‹', '<'),
  ...each('›', '>'),
  // Hyphens, dashes, the minus sign.
  ...each('\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\uFE58\uFE63\uFF0D', '-'),
  ...each('…', '...'),
  ...each('‥', '..'),
  ...each('•‣◦▪●', '*'),
  ...each('⁄∕', '/'),
  ...each('×', 'x'),
  // Spaces of every width, the no-break ones, the tabulator.
  ...each('\t\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A', ' '),
  ...each('\u202F\u205F\u3000', ' '),
  // Line, paragraph and page breaks of other alphabets.
  ...each('\u000B\u0085\u2028\u2029', '\n'),
  // Of no width: soft hyphen, zero-width space, joiners, direction marks, word joiner, byte order mark.
  ...each('\u00AD\u180E\u200B\u200C\u200D\u200E\u200F\u2060\uFEFF', ''),
  ['½', '1/2'],
  ['¼', '1/4'],
  ['¾', '3/4'],
  ['©', '(c)'],
  ['®', '(R)'],
  ['™', '(TM)'],
  ['№', 'No.'],
  ['ﬁ', 'fi'],
  ['ﬂ', 'fl'],
]);

function each(characters: string, to: string): [string, string][] {
  return Array.from(characters, (character) => [character, to]);
}

// A letter and its marks written apart: é as e and U+0301, which GSM 7-bit does not have.
const MARKED = /\P{M}\p{M}+/gu;

export interface Transliteration {
  readonly text: string;
  /** Each character once, in the order of the text; empty: nothing was replaced. */
  readonly replaced: readonly Replacement[];
}

/** Pure, and the same again on its own result. */
export function transliterate(text: string): Transliteration {
  const counts = new Map<string, { to: string; count: number }>();
  const report = (from: string, to: string): string => {
    const known = counts.get(from);
    if (known === undefined) counts.set(from, { to, count: 1 });
    else known.count++;
    return to;
  };
  const composed = text.replace(MARKED, (apart) => {
    const whole = apart.normalize('NFC');
    return whole === apart ? apart : report(apart, whole);
  });
  let written = '';
  for (const character of composed) {
    const to = REPLACEMENTS.get(character);
    written += to === undefined ? character : report(character, to);
  }
  return { text: written, replaced: Array.from(counts, ([from, { to, count }]) => ({ from, to, count })) };
}
