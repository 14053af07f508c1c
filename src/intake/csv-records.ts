// Lines of a CSV upload (RFC 4180) → records. Fed line by line, so that every record knows the
// line it began on and a record is bounded like a line. csv-parse is the oracle of its spec.
import { LINE_LIMIT_OCTETS, type UploadLine } from './upload-lines.js';

export type CsvRecord =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly problem: string };

export type Delimiter = ',' | ';' | '\t';

/** A quoted cell that never ends swallows the rest: this many octets of it are enough to say so. */
const RECORD_LIMIT_CHARACTERS = LINE_LIMIT_OCTETS;

export class CsvRecords {
  private startedAt = 0;
  private cells: string[] = [];
  /** The quoted cell that goes on in the next line; null when none does. */
  private open: string | null = null;
  private length = 0;

  constructor(private readonly delimiter: Delimiter) {}

  /** Line on which a quoted cell was opened that is longer than a line may be; null: none. */
  get neverClosed(): number | null {
    return this.open !== null && this.length > RECORD_LIMIT_CHARACTERS ? this.startedAt : null;
  }

  /** The record this line completes; undefined for a blank line and while a quoted cell goes on. */
  take({ line, text }: UploadLine): CsvRecord | undefined {
    if (this.open === null) {
      const bare = text.endsWith('\r') ? text.slice(0, -1) : text;
      if (bare === '') return undefined;
      if (!bare.includes('"')) return { line, cells: bare.split(this.delimiter) };
      this.startedAt = line;
      this.cells = [];
      this.length = 0;
    }
    this.length += text.length + 1;
    const problem = this.scan(text);
    if (problem !== undefined) {
      this.open = null;
      return { line: this.startedAt, problem };
    }
    if (this.open !== null) return undefined;
    return { line: this.startedAt, cells: this.cells };
  }

  /** What the end of the upload leaves: a quoted cell that was never closed. */
  end(): CsvRecord | undefined {
    if (this.open === null) return undefined;
    this.open = null;
    return { line: this.startedAt, problem: 'has a quoted cell that is never closed' };
  }

  /** Reads the cells of one line that has quotes in it, or goes on with an open cell. */
  private scan(text: string): string | undefined {
    let at = 0;
    if (this.open !== null) {
      const end = this.scanQuoted(text, 0, `${this.open}\n`);
      if (end === -1) return undefined;
      at = end;
      if (!this.atCellEnd(text, at)) return 'has characters after a closing quote';
      if (this.atLineEnd(text, at)) return undefined;
      at += 1;
    }
    for (;;) {
      if (text.charAt(at) === '"') {
        const end = this.scanQuoted(text, at + 1, '');
        if (end === -1) return undefined;
        if (!this.atCellEnd(text, end)) return 'has characters after a closing quote';
        if (this.atLineEnd(text, end)) return undefined;
        at = end + 1;
        continue;
      }
      const delimiter = text.indexOf(this.delimiter, at);
      const cell = delimiter === -1 ? text.slice(at).replace(/\r$/, '') : text.slice(at, delimiter);
      if (cell.includes('"'))
        return 'has a quote inside an unquoted cell: quote the cell and double the quote';
      this.cells.push(cell);
      if (delimiter === -1) return undefined;
      at = delimiter + 1;
    }
  }

  /** Reads a quoted cell from `at`; returns the place behind its closing quote, -1 while it is open. */
  private scanQuoted(text: string, at: number, before: string): number {
    let cell = before;
    let from = at;
    for (;;) {
      const quote = text.indexOf('"', from);
      if (quote === -1) {
        this.open = cell + text.slice(from);
        return -1;
      }
      cell += text.slice(from, quote);
      if (text.charAt(quote + 1) !== '"') {
        this.open = null;
        this.cells.push(cell);
        return quote + 1;
      }
      cell += '"';
      from = quote + 2;
    }
  }

  private atLineEnd(text: string, at: number): boolean {
    return at === text.length || (at === text.length - 1 && text.charAt(at) === '\r');
  }

  private atCellEnd(text: string, at: number): boolean {
    return text.charAt(at) === this.delimiter || this.atLineEnd(text, at);
  }
}

/** The delimiter of a file whose header holds known names only. */
export function delimiterOf(header: string): Delimiter {
  if (header.includes(',')) return ',';
  if (header.includes(';')) return ';';
  return header.includes('\t') ? '\t' : ',';
}
