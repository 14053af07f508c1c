// From the octets of a message from a phone to its text. Whatever comes gives a text or null; the
// octets are kept beside it, so nothing is lost by a wrong guess.
//
// | data_coding           | alphabet                                         | source                |
// |-----------------------|--------------------------------------------------|-----------------------|
// | 0                     | the connector's default: GSM 03.38 unless set    | SMPP 3.4 §5.2.19      |
// | 1, 3                  | ASCII, Latin-1                                   | same                  |
// | 2, 4                  | binary                                           | same                  |
// | 6, 7, 0A, 0E          | ISO-8859-5, ISO-8859-8, ISO-2022-JP, KS C 5601   | same                  |
// | 8                     | UCS-2, read as UTF-16: phones send emoji so      | same; practice        |
// | 0F                    | GSM 03.38: USSD, language unspecified            | 3GPP TS 23.038 §5     |
// | 10–1F                 | by bits 3-2: GSM 03.38, binary, UCS-2            | 3GPP TS 23.038 §4     |
// | C0–DF, E0–EF          | message waiting: GSM 03.38, UCS-2                | 3GPP TS 23.038 §4     |
// | F0–FF                 | message class, by bit 2: GSM 03.38, binary       | 3GPP TS 23.038 §4     |
// | 5, 9, 0D and the rest | unknown: SMSCs do not agree on what they mean    | –                     |
import { ESCAPE, GSM_BASIC, GSM_EXTENSION } from './gsm-alphabet.js';
import type { InboundAlphabet } from './inbound.events.js';
import type { DefaultAlphabet } from './short-message.js';

const BY_DATA_CODING: ReadonlyMap<number, InboundAlphabet> = new Map([
  [0x01, 'ascii'],
  [0x02, 'binary'],
  [0x03, 'latin1'],
  [0x04, 'binary'],
  [0x06, 'iso-8859-5'],
  [0x07, 'iso-8859-8'],
  [0x08, 'ucs2'],
  [0x0a, 'iso-2022-jp'],
  [0x0e, 'euc-kr'],
  [0x0f, 'gsm7'],
]);

const BY_CLASS_BITS: readonly InboundAlphabet[] = ['gsm7', 'binary', 'ucs2', 'unknown'];

export function alphabetOf(dataCoding: number, defaultAlphabet: DefaultAlphabet): InboundAlphabet {
  if (dataCoding === 0) return defaultAlphabet === 'gsm' ? 'gsm7' : defaultAlphabet;
  if (dataCoding >= 0xf0) return (dataCoding & 0x04) === 0 ? 'gsm7' : 'binary';
  if (dataCoding >= 0xe0) return 'ucs2';
  if (dataCoding >= 0xc0) return 'gsm7';
  if (dataCoding >= 0x10 && dataCoding < 0x20) return BY_CLASS_BITS[(dataCoding >> 2) & 3] ?? 'unknown';
  return BY_DATA_CODING.get(dataCoding) ?? 'unknown';
}

/** PostgreSQL's json takes U+0000 but cannot give it back as text. */
const NUL = /\0/g;
const REPLACEMENT = '\uFFFD';

/** Null when the octets are not text, or text in an alphabet nobody here can read. */
export function textOf(octets: Buffer, alphabet: InboundAlphabet): string | null {
  return decode(octets, alphabet)?.replace(NUL, REPLACEMENT) ?? null;
}

function decode(octets: Buffer, alphabet: InboundAlphabet): string | null {
  switch (alphabet) {
    case 'gsm7':
      return gsmText(octets);
    case 'ascii':
    case 'latin1':
      // Octets above 7F are no ASCII; who sends them all the same means Latin-1.
      return octets.toString('latin1');
    case 'ucs2':
      // An odd last octet is half a character.
      return decodeAs('utf-16be', octets.subarray(0, octets.length & ~1));
    case 'binary':
    case 'unknown':
      return null;
    default:
      return decodeAs(alphabet, octets);
  }
}

/** Unreadable sequences become U+FFFD; null where this Node was built without the encoding. */
function decodeAs(encoding: string, octets: Buffer): string | null {
  try {
    return new TextDecoder(encoding).decode(octets);
  } catch {
    return null;
  }
}

const EXTENSION_BY_CODE: ReadonlyMap<number, string> = new Map(
  [...GSM_EXTENSION].map(([character, code]) => [code, character]),
);

/**
 * One septet per octet (SMPP 3.4 §6.2, as SMSCs do it). An unknown code behind ESC shows as the
 * character of the basic table (3GPP TS 23.038 §6.2.1.1), a lone ESC at the end as a space.
 */
function gsmText(octets: Buffer): string {
  let text = '';
  for (let at = 0; at < octets.length; at++) {
    const code = octets[at] ?? 0;
    if (code !== ESCAPE) {
      text += GSM_BASIC[code] ?? REPLACEMENT;
      continue;
    }
    at++;
    const next = octets[at];
    text += next === undefined ? ' ' : (EXTENSION_BY_CODE.get(next) ?? GSM_BASIC[next] ?? REPLACEMENT);
  }
  return text.replaceAll('\u001B', ' ');
}
