// Octets of an upload → numbered lines, in bounded memory: whatever is sent, no more than one
// line of the limit and one network chunk is held.

/** A message of 255 UCS-2 parts with every other field at its longest stays below this. */
export const LINE_LIMIT_OCTETS = 64 * 1024;

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

export interface UploadLine {
  /** From 1. */
  readonly line: number;
  /** Without its line feed; a carriage return before that is still there. */
  readonly text: string;
}

export class UploadLines {
  private rest: Buffer = Buffer.alloc(0);
  private line = 0;
  private longLine: number | null = null;

  /** Number of the line that went over the limit; from there on nothing is given out. */
  get tooLong(): number | null {
    return this.longLine;
  }

  /** The lines that `chunk` completes. Octets that are no UTF-8 become U+FFFD. */
  take(chunk: Buffer): readonly UploadLine[] {
    if (this.longLine !== null) return [];
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end === -1) {
      this.rest = Buffer.concat([this.rest, chunk]);
      this.checkRest();
      return [];
    }
    const whole = chunk.subarray(0, end);
    const text = (this.rest.length === 0 ? whole : Buffer.concat([this.rest, whole])).toString('utf8');
    // A copy: a short rest must not keep a whole chunk alive.
    this.rest = Buffer.from(chunk.subarray(end + 1));
    const lines = this.numbered(text);
    this.checkRest();
    return lines;
  }

  /** The last line, when no line feed ended it. */
  end(): readonly UploadLine[] {
    if (this.longLine !== null || this.rest.length === 0) return [];
    const text = this.rest.toString('utf8');
    this.rest = Buffer.alloc(0);
    return this.numbered(text);
  }

  private numbered(text: string): UploadLine[] {
    const lines: UploadLine[] = [];
    for (const part of text.split('\n')) {
      this.line += 1;
      // One character is one to three octets of UTF-8: most lines need no exact count.
      if (part.length * 3 > LINE_LIMIT_OCTETS && Buffer.byteLength(part) > LINE_LIMIT_OCTETS) {
        this.longLine = this.line;
        this.rest = Buffer.alloc(0);
        break;
      }
      lines.push({
        line: this.line,
        text: this.line === 1 && part.startsWith(BYTE_ORDER_MARK) ? part.slice(1) : part,
      });
    }
    return lines;
  }

  private checkRest(): void {
    if (this.longLine !== null || this.rest.length <= LINE_LIMIT_OCTETS) return;
    this.longLine = this.line + 1;
    this.rest = Buffer.alloc(0);
  }
}
