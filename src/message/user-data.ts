// What stands behind the header of the parts: a text in one of its encodings, or octets. Each kind
// counts itself in its units, finds where a part must end, and writes itself.
//
// | kind     | unit              | in 140 octets | never split            |
// |----------|-------------------|---------------|------------------------|
// | septets  | septet            | 160           | ESC and its septet     |
// | latin1   | octet             | 140           | –                      |
// | ucs2     | UTF-16 code unit  | 70            | surrogate pair         |
// | binary   | octet             | 140           | –                      |
//
// Septets go unpacked over SMPP, one in an octet (SMPP 3.4 §6.2); the SMSC packs them. A surrogate
// without its other half cannot be sent; it is replaced by U+FFFD.
import { ESCAPE, IN_EXTENSION, NOT_IN_ALPHABET, type SeptetTable, septetOf } from './gsm-alphabet.js';
import { TextNotEncodableError } from './message.errors.js';

const REPLACEMENT = 0xfffd;

export interface UserData {
  /** Characters, code units or octets: what `from` and `to` count. */
  readonly length: number;
  readonly unit: 'septet' | 'octet' | 'code unit';
  countUnits(): number;
  /** The largest `to` for which [from, to) has at most `room` units. */
  segmentEnd(from: number, room: number): number;
  /** Octets that at most `units` units take over SMPP. */
  octetsOf(units: number): number;
  /**
   * Writes [from, to) and returns the offset after the last octet.
   * @throws TextNotEncodableError a character is not in the alphabet.
   */
  write(into: Buffer, offset: number, from: number, to: number): number;
}

export class Septets implements UserData {
  readonly unit = 'septet';

  constructor(
    private readonly text: string,
    private readonly table: SeptetTable,
  ) {}

  get length(): number {
    return this.text.length;
  }

  /** A character that is not in the alphabet counts as two; write refuses it. */
  countUnits(): number {
    const { text, table } = this;
    let septets = text.length;
    for (let i = 0; i < text.length; i++) if (septetOf(table, text.charCodeAt(i)) >= IN_EXTENSION) septets++;
    return septets;
  }

  segmentEnd(from: number, room: number): number {
    const { text, table } = this;
    let septets = 0;
    let at = from;
    for (; at < text.length; at++) {
      septets += septetOf(table, text.charCodeAt(at)) < IN_EXTENSION ? 1 : 2;
      if (septets > room) break;
    }
    return at;
  }

  octetsOf(units: number): number {
    return units;
  }

  write(into: Buffer, offset: number, from: number, to: number): number {
    const { text, table } = this;
    let at = offset;
    for (let i = from; i < to; i++) {
      const code = septetOf(table, text.charCodeAt(i));
      if (code >= IN_EXTENSION) {
        if (code === NOT_IN_ALPHABET) throw new TextNotEncodableError('gsm7', i);
        into[at++] = ESCAPE;
      }
      into[at++] = code & 0x7f;
    }
    return at;
  }
}

/** GSM text for an SMSC that translates it from Latin-1 or ASCII itself: cut by septets, written as octets. */
export class TranslatedSeptets extends Septets {
  constructor(
    private readonly written: string,
    table: SeptetTable,
    private readonly highest: number,
  ) {
    super(written, table);
  }

  override write(into: Buffer, offset: number, from: number, to: number): number {
    const outside = firstAbove(this.written, this.highest);
    if (outside >= 0) throw new TextNotEncodableError(this.highest === 0x7f ? 'ASCII' : 'latin1', outside);
    return offset + into.write(this.written.slice(from, to), offset, 'latin1');
  }
}

export class Latin1 implements UserData {
  readonly unit = 'octet';

  constructor(private readonly text: string) {}

  get length(): number {
    return this.text.length;
  }

  countUnits(): number {
    return this.text.length;
  }

  segmentEnd(from: number, room: number): number {
    return Math.min(from + room, this.text.length);
  }

  octetsOf(units: number): number {
    return units;
  }

  write(into: Buffer, offset: number, from: number, to: number): number {
    const outside = firstAbove(this.text, 0xff);
    if (outside >= 0) throw new TextNotEncodableError('latin1', outside);
    return offset + into.write(this.text.slice(from, to), offset, 'latin1');
  }
}

export class Ucs2 implements UserData {
  readonly unit = 'code unit';

  constructor(private readonly text: string) {}

  get length(): number {
    return this.text.length;
  }

  countUnits(): number {
    return this.text.length;
  }

  segmentEnd(from: number, room: number): number {
    const end = Math.min(from + room, this.text.length);
    return end < this.text.length && isPairAt(this.text, end - 1) ? end - 1 : end;
  }

  octetsOf(units: number): number {
    return units * 2;
  }

  write(into: Buffer, offset: number, from: number, to: number): number {
    const { text } = this;
    let at = offset;
    for (let i = from; i < to; i++) {
      let code = text.charCodeAt(i);
      if (isHighSurrogate(code)) {
        if (!isPairAt(text, i)) code = REPLACEMENT;
      } else if (isLowSurrogate(code) && (i === 0 || !isHighSurrogate(text.charCodeAt(i - 1)))) {
        code = REPLACEMENT;
      }
      into[at++] = code >>> 8;
      into[at++] = code & 0xff;
    }
    return at;
  }
}

export class Binary implements UserData {
  readonly unit = 'octet';
  private readonly octets: Buffer;

  constructor(hex: string) {
    this.octets = Buffer.from(hex, 'hex');
  }

  get length(): number {
    return this.octets.length;
  }

  countUnits(): number {
    return this.octets.length;
  }

  segmentEnd(from: number, room: number): number {
    return Math.min(from + room, this.octets.length);
  }

  octetsOf(units: number): number {
    return units;
  }

  write(into: Buffer, offset: number, from: number, to: number): number {
    return offset + this.octets.copy(into, offset, from, to);
  }
}

/** Offset of the first code unit above `highest`; -1: none. */
export function firstAbove(text: string, highest: number): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > highest) return i;
  return -1;
}

function isPairAt(text: string, at: number): boolean {
  return isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1));
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
