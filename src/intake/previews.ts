// How a message would be sent, without sending it: the same reading as when it is accepted.
import { type Clock } from '../clock/clock.js';
import { type Price } from '../config/config.js';
import { refuse } from '../http/http.errors.js';
import { dataCodingOf } from '../message/data-coding.js';
import { chooseEncoding, type OffendingCharacter, offendingCharacters } from '../message/encoding-choice.js';
import type { AcceptMessage } from '../message/message.commands.js';
import type { Encoding, LongForm, NationalTables, Replacement } from '../message/message-format.js';
import { countParts, countUnits, encodeParts } from '../message/short-message.js';
import { transliterate } from '../message/transliteration.js';
import { type MessageReader } from './message-reader.js';

export interface Preview {
  readonly encoding: Encoding;
  readonly dataCoding: number;
  readonly text: string | null;
  readonly characters: number;
  readonly units: number;
  readonly unit: 'septet' | 'octet' | 'code unit';
  /** In the form udh8, as everything below. */
  readonly partCount: number;
  readonly parts: readonly {
    readonly part: number;
    readonly octets: number;
    readonly shortMessage: string;
  }[];
  readonly partsByForm: Readonly<Record<LongForm, number>>;
  readonly offendingCharacters: readonly (OffendingCharacter & { readonly codePoint: string })[];
  readonly replaced: readonly Replacement[];
  readonly nationalTables: NationalTables | null;
  readonly warnings: readonly string[];
  readonly price: (Price & { readonly amount: string }) | null;
}

const UNIT = { gsm7: 'septet', latin1: 'octet', ucs2: 'code unit', binary: 'octet' } as const;

export class Previews {
  constructor(
    private readonly reader: MessageReader,
    private readonly clock: Clock,
    private readonly price: Price | null,
  ) {}

  /** @throws ProblemError for a request that could not be accepted either. */
  preview(body: unknown): Preview {
    const request = this.reader.readRequest(body);
    if ('kind' in request) throw refuse(request.kind, request.errors);
    const at = this.clock.isoNow();
    const message = this.reader.accept(request, { messageId: '', at, batch: null });
    if ('kind' in message) throw refuse(message.kind, message.errors);
    const { encoding, format, binary, partCount, replaced = [] } = message;
    const offending = binary === undefined ? offendingCharacters(request.text ?? '') : [];
    const characters = binary === undefined ? Array.from(message.text).length : binary.data.length / 2;
    return {
      encoding,
      dataCoding: dataCodingOf(encoding, format),
      text: binary === undefined ? message.text : null,
      characters,
      units: countUnits(message),
      unit: UNIT[encoding],
      partCount,
      parts: encodeParts(message).parts.map((octets, index) => ({
        part: index + 1,
        octets: octets.length,
        shortMessage: octets.toString('hex'),
      })),
      partsByForm: {
        udh8: partCount,
        udh16: countParts(message, 'udh16'),
        sar: countParts(message, 'sar'),
        payload: countParts(message, 'payload'),
      },
      offendingCharacters: offending.map((one) => ({ ...one, codePoint: codePointOf(one.character) })),
      replaced,
      nationalTables: format?.nationalTables ?? null,
      warnings: warningsOf(message, offending),
      price: this.price === null ? null : { ...this.price, amount: times(this.price.perPart, partCount) },
    };
  }
}

function warningsOf(message: AcceptMessage, offending: readonly OffendingCharacter[]): readonly string[] {
  const { encoding, format, text, partCount } = message;
  const warnings: string[] = [];
  const [first] = offending;
  if (first !== undefined && (encoding === 'ucs2' || encoding === 'latin1')) {
    const others = offending.length === 1 ? '' : ` and ${String(offending.length - 1)} more`;
    warnings.push(
      `${first.character} (${codePointOf(first.character)})${others} cannot be written in GSM 7-bit: ${encoding} instead`,
    );
    const smart = transliterate(text).text;
    if (chooseEncoding(smart, { allowLatin1: false }) === 'gsm7') {
      const parts = countParts({ text: smart, encoding: 'gsm7' });
      warnings.push(
        `with "transliterate": true it would be GSM 7-bit in ${String(parts)} part(s) instead of ${String(partCount)}`,
      );
    }
  }
  if (encoding === 'latin1') warnings.push('not every SMSC passes Latin-1 on unharmed: try it with yours');
  if ((format?.nationalTables ?? null) !== null) {
    warnings.push('a phone that does not know national tables shows other characters in their place');
  }
  if (format?.flash === true) warnings.push('a flash message is shown once; most phones do not keep it');
  if ((format?.dataCoding ?? null) !== null) {
    warnings.push('the data_coding was given: nothing checks that the octets are what it says');
  }
  return warnings;
}

function codePointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Exact: a price in binary fractions would be another price. */
function times(decimal: string, factor: number): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  const product = (BigInt(whole + fraction) * BigInt(factor)).toString().padStart(fraction.length + 1, '0');
  if (fraction === '') return product;
  return `${product.slice(0, -fraction.length)}.${product.slice(-fraction.length)}`;
}
