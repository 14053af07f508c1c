// Which encoding a text gets: the narrowest that holds every character, and whatever the request
// allows beside it when that saves parts.
//
// | allowed                | what it adds                                                             |
// |------------------------|--------------------------------------------------------------------------|
// | nothing                | gsm7, else ucs2                                                          |
// | Latin-1                | latin1 where gsm7 does not suffice                                       |
// | national languages     | gsm7 with shift tables, when that takes fewer parts than all of the above |
// | transliteration        | the same for the text with its typography replaced, when that makes it gsm7 |
import { firstOutside, GSM_DEFAULT, NOT_IN_ALPHABET, septetOf } from './gsm-alphabet.js';
import type {
  MessageFormat,
  NationalLanguage,
  NationalTables,
  Ports,
  Replacement,
  TextEncoding,
} from './message-format.js';
import { tableOf, tablePairs } from './national-language.js';
import { countParts } from './short-message.js';
import { transliterate } from './transliteration.js';
import { firstAbove } from './user-data.js';

export interface EncodingOptions {
  /** Latin-1 is one part for what UCS-2 needs two for, but not every SMSC passes it on unharmed. */
  readonly allowLatin1: boolean;
}

/** The narrowest encoding that holds every character of the text. */
export function chooseEncoding(text: string, { allowLatin1 }: EncodingOptions): TextEncoding {
  if (firstOutside(GSM_DEFAULT, text) < 0) return 'gsm7';
  return allowLatin1 && firstAbove(text, 0xff) < 0 ? 'latin1' : 'ucs2';
}

export interface WritingOptions extends EncodingOptions {
  /** Null: chosen by the text. */
  readonly encoding: TextEncoding | null;
  readonly nationalLanguages: readonly NationalLanguage[];
  readonly transliterate: boolean;
  /** They take their octets from every part, so they count in the choice. */
  readonly ports: Ports | null;
}

export interface Writing {
  /** As it is to be sent. */
  readonly text: string;
  readonly encoding: TextEncoding;
  readonly nationalTables: NationalTables | null;
  /** Parts in the form udh8. */
  readonly partCount: number;
  readonly replaced: readonly Replacement[];
}

/** How the text is written; null: it cannot be, in the encoding that was asked for. */
export function chooseWriting(text: string, options: WritingOptions): Writing | null {
  const asItIs = write(text, options);
  if (!options.transliterate || (asItIs?.encoding === 'gsm7' && asItIs.nationalTables === null))
    return asItIs;
  const { text: smart, replaced } = transliterate(text);
  if (replaced.length === 0) return asItIs;
  const replacedWriting = write(smart, options);
  // A text that stays out of GSM 7-bit gains nothing from other quotation marks: it is left alone.
  if (replacedWriting?.encoding !== 'gsm7') return asItIs;
  if (asItIs?.encoding === 'gsm7' && asItIs.partCount <= replacedWriting.partCount) return asItIs;
  return { ...replacedWriting, replaced };
}

function write(text: string, options: WritingOptions): Writing | null {
  const { encoding: asked, ports, nationalLanguages } = options;
  const encoding = asked ?? chooseEncoding(text, options);
  const base = holds(text, encoding) ? writing(text, encoding, null, ports) : null;
  if (nationalLanguages.length === 0 || (asked !== null && asked !== 'gsm7')) return base;
  let best = base;
  for (const tables of tablePairs(nationalLanguages)) {
    if (firstOutside(tableOf(tables), text) >= 0) continue;
    const candidate = writing(text, 'gsm7', tables, ports);
    if (best === null || candidate.partCount < best.partCount) best = candidate;
  }
  return best;
}

/** Whether every character is in the encoding. */
export function holds(text: string, encoding: TextEncoding): boolean {
  if (encoding === 'gsm7') return firstOutside(GSM_DEFAULT, text) < 0;
  return encoding === 'ucs2' || firstAbove(text, 0xff) < 0;
}

function writing(
  text: string,
  encoding: TextEncoding,
  nationalTables: NationalTables | null,
  ports: Ports | null,
): Writing {
  const format: MessageFormat | null =
    nationalTables === null && ports === null
      ? null
      : { nationalTables, ports, dataCoding: null, flash: false };
  return {
    text,
    encoding,
    nationalTables,
    partCount: countParts({ encoding, text, format }),
    replaced: [],
  };
}

export interface OffendingCharacter {
  readonly character: string;
  /** Where it first stands, in UTF-16 code units from 0. */
  readonly position: number;
  readonly count: number;
}

/** The characters that keep the text out of an encoding, each once, in the order of the text. */
export function offendingCharacters(
  text: string,
  encoding: 'gsm7' | 'latin1' = 'gsm7',
): readonly OffendingCharacter[] {
  const found = new Map<string, { position: number; count: number }>();
  let position = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (encoding === 'gsm7' ? septetOf(GSM_DEFAULT, code) === NOT_IN_ALPHABET : code > 0xff) {
      const known = found.get(character);
      if (known === undefined) found.set(character, { position, count: 1 });
      else known.count++;
    }
    position += character.length;
  }
  return Array.from(found, ([character, { position: first, count }]) => ({
    character,
    position: first,
    count,
  }));
}
