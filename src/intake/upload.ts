// Reads one upload: octets → lines → rows → chunks of commands, with back-pressure. Never more
// than CHUNKS_UNDER_WAY chunks wait to become durable; until one has, nothing more is read.
//
// | what happens                  | the upload ends     | what stays                              |
// |-------------------------------|---------------------|-----------------------------------------|
// | the last octet was read       | complete            | every valid row                         |
// | the sender goes away          | cut                 | every valid row whose line came whole   |
// | a line over the limit         | refused             | every valid row before that line        |
// | the store does not answer     | refused             | the chunks it had taken                 |
import type { Clock, Randomness } from '../clock/clock.js';
import { newUuid } from '../clock/ids.js';
import { isRetryable } from '../http/http.errors.js';
import type { Backlog } from '../lifecycle/backlog.js';
import type { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { UploadEnd } from '../message/batch.events.js';
import type { AcceptMessage } from '../message/message.commands.js';
import type { MessageReader } from './message-reader.js';
import { UploadLines } from './upload-lines.js';
import type { RowProblem, UploadRow, UploadRows } from './upload-rows.js';

/** Rows of one durable write: large enough to be cheap, small enough to be quick. */
const CHUNK_ROWS = 250;

/** One being written, one waiting, one being filled. */
const CHUNKS_UNDER_WAY = 3;

const LISTED_PROBLEMS = 1000;

// A restart of the store takes a few seconds; meanwhile the sender is held by back-pressure.
const RETRY_AFTER_MS = [250, 500, 1000, 2000, 4000, 8000] as const;

export interface UploadReport {
  readonly state: UploadEnd;
  readonly reason: string | null;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  /** The first problems, by line. */
  readonly errors: readonly RowProblem[];
  readonly errorsTruncated: boolean;
  readonly lastLine: number;
  /** The line over the limit; null when there was none. */
  readonly tooLongLine: number | null;
  /** Lines whose rows were taken and not answered for by the store; empty but after its failure. */
  readonly undecided: readonly { readonly from: number; readonly to: number }[];
  /** What the store failed with. */
  readonly failure: Error | null;
}

interface Chunk {
  commands: AcceptMessage[];
  readonly lines: number[];
}

export class Upload {
  private chunk: Chunk = { commands: [], lines: [] };
  private readonly underWay = new Set<Promise<void>>();
  private readonly errors: RowProblem[] = [];
  private readonly undecided: { from: number; to: number }[] = [];
  private at = '';
  private rows = 0;
  private accepted = 0;
  private rejected = 0;
  private lastLine = 0;
  private failure: Error | null = null;

  constructor(
    private readonly batch: string,
    private readonly source: UploadRows,
    private readonly reader: MessageReader,
    private readonly lifecycle: MessageLifecycle,
    private readonly backlog: Backlog,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    /** Called once, before the first row is handed to the store; what it throws ends the upload. */
    private readonly begin: () => Promise<void>,
  ) {}

  /**
   * Reads `body` to its end or to what stops it; resolves when everything taken is durable.
   * @throws CsvHeaderError, and what `begin` throws, before anything was taken.
   */
  async read(body: AsyncIterable<Buffer>): Promise<UploadReport> {
    const lines = new UploadLines();
    let cut: string | null = null;
    let tooLongLine: number | null = null;
    let isBegun = false;
    const take = async (rows: readonly UploadRow[]): Promise<void> => {
      if (rows.length > 0 && !isBegun) {
        await this.begin();
        isBegun = true;
      }
      await this.takeRows(rows);
    };
    const chunks = body[Symbol.asyncIterator]();
    while (tooLongLine === null && this.failure === null) {
      const next = await readNext(chunks);
      if ('cut' in next) {
        cut = next.cut;
        break;
      }
      if (next.done) {
        await take(this.source.take(lines.end()));
        if (lines.tooLong === null) await take(this.source.end());
      } else {
        await take(this.source.take(lines.take(next.chunk)));
      }
      tooLongLine = lines.tooLong ?? this.source.tooLong;
      if (next.done) break;
    }
    await this.flush();
    await Promise.all(this.underWay);
    // Filled before the store failed and never handed over.
    if (this.chunk.lines.length > 0) this.leaveUndecided(this.chunk);
    return this.report(cut, tooLongLine);
  }

  private async takeRows(rows: readonly UploadRow[]): Promise<void> {
    for (const row of rows) {
      // Waited for before its rows are read: they count as accepted from then on.
      if (this.chunk.commands.length === 0) await this.turn();
      this.takeRow(row);
      if (this.chunk.commands.length >= CHUNK_ROWS) await this.flush();
      if (this.failure !== null) return;
    }
  }

  private takeRow(row: UploadRow): void {
    this.rows += 1;
    this.lastLine = row.line;
    if ('problem' in row) {
      this.reject(row);
      return;
    }
    const messageId = newUuid(this.clock, this.randomness);
    const command = this.reader.read(row.input, { messageId, at: this.at, batch: this.batch });
    if ('kind' in command) {
      const [first] = command.errors;
      this.reject({ line: row.line, field: first?.field ?? null, problem: first?.problem ?? command.kind });
      return;
    }
    this.chunk.commands.push(command);
    this.chunk.lines.push(row.line);
  }

  private reject(problem: RowProblem): void {
    this.rejected += 1;
    if (this.errors.length < LISTED_PROBLEMS) this.errors.push(problem);
  }

  /** Waits until more may be accepted. */
  private async turn(): Promise<void> {
    await this.backlog.turn();
    this.at = this.clock.isoNow();
  }

  /** Hands the chunk over; waits until a place is free. */
  private async flush(): Promise<void> {
    const chunk = this.chunk;
    if (chunk.commands.length === 0) return;
    while (this.underWay.size >= CHUNKS_UNDER_WAY) await Promise.race(this.underWay);
    if (this.failure !== null) return;
    this.chunk = { commands: [], lines: [] };
    const handed: Promise<void> = this.hand(chunk).finally(() => this.underWay.delete(handed));
    this.underWay.add(handed);
  }

  /** Never rejects: a failure of the store is kept and ends the upload. */
  private async hand(chunk: Chunk): Promise<void> {
    const { commands, lines } = chunk;
    try {
      const results = await this.handleWithPatience(commands);
      results.forEach((result, i) => {
        if (result.status === 'handled') this.accepted += 1;
        else this.reject({ line: lines[i] ?? 0, field: null, problem: result.error.message });
      });
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
      this.leaveUndecided(chunk);
    }
  }

  private leaveUndecided({ lines }: Chunk): void {
    this.undecided.push({ from: lines[0] ?? 0, to: lines.at(-1) ?? 0 });
  }

  /** The same commands again are safe: a message that was already accepted ignores them. */
  private async handleWithPatience(commands: readonly AcceptMessage[]) {
    for (const retryAfterMs of RETRY_AFTER_MS) {
      try {
        return await this.lifecycle.handleMany(commands);
      } catch (error) {
        if (!isRetryable(error)) throw error;
        await this.clock.wait(retryAfterMs);
      }
    }
    return this.lifecycle.handleMany(commands);
  }

  private report(cut: string | null, tooLongLine: number | null): UploadReport {
    const reason =
      this.failure?.message ?? (tooLongLine === null ? cut : `line ${String(tooLongLine)} is too long`);
    const state = cut !== null ? 'cut' : reason === null ? 'complete' : 'refused';
    return {
      state,
      reason,
      rows: this.rows,
      accepted: this.accepted,
      rejected: this.rejected,
      errors: this.errors.toSorted((a, b) => a.line - b.line),
      errorsTruncated: this.rejected > this.errors.length,
      lastLine: this.lastLine,
      tooLongLine,
      undecided: this.undecided.toSorted((a, b) => a.from - b.from),
      failure: this.failure,
    };
  }
}

type Read =
  { readonly done: false; readonly chunk: Buffer } | { readonly done: true } | { readonly cut: string };

async function readNext(chunks: AsyncIterator<Buffer>): Promise<Read> {
  try {
    const next = await chunks.next();
    return next.done === true ? { done: true } : { done: false, chunk: next.value };
  } catch (error) {
    return { cut: error instanceof Error ? error.message : String(error) };
  }
}
