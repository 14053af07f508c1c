// Takes uploads: chooses the reader of the rows, records the upload's begin and end, and says
// what became of every row.
import type { Readable } from 'node:stream';
import { type Clock, type Randomness } from '../clock/clock.js';
import { newUuid } from '../clock/ids.js';
import { type Log } from '../health/log.js';
import { type Metrics } from '../health/metrics.js';
import { isRetryable, problem, ProblemError, refuse } from '../http/http.errors.js';
import { parseOrRefuse } from '../http/zod-problems.js';
import { type Backlog } from '../lifecycle/backlog.js';
import { type MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { BatchUploadEnded } from '../message/batch.events.js';
import { type BatchUploads } from './batch-upload.js';
import { type MessageReader } from './message-reader.js';
import { MessageRequest } from './message-request.js';
import { Upload, type UploadReport } from './upload.js';
import { LINE_LIMIT_OCTETS } from './upload-lines.js';
import {
  CsvHeaderError,
  CsvRows,
  fieldOfText,
  NdjsonRows,
  type RowDefaults,
  type UploadRows,
} from './upload-rows.js';

export interface BulkAnswer {
  readonly batch: string;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: UploadReport['errors'];
  readonly errorsTruncated: boolean;
}

/** Each holds up to three chunks of commands and one network chunk; more would only share the disk. */
const UPLOADS_AT_A_TIME = 16;

/** What may stand in the query for every row that does not say it itself. */
const BulkQuery = MessageRequest.omit({ to: true, reference: true }).partial();

export class BulkIntake {
  private underWay = 0;

  constructor(
    private readonly lifecycle: MessageLifecycle,
    private readonly backlog: Backlog,
    private readonly reader: MessageReader,
    private readonly batches: BatchUploads,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  /**
   * @throws ProblemError when the upload cannot be taken at all, or ended early: its `problem`
   *   then tells how many rows were taken.
   */
  async take(
    body: Readable,
    contentType: string,
    query: Readonly<Record<string, unknown>>,
  ): Promise<BulkAnswer> {
    if (this.underWay >= UPLOADS_AT_A_TIME) {
      throw new ProblemError(problem('too-many-requests', 'wait until one of your uploads has ended'), 5);
    }
    const { batch, ...defaults } = this.readQuery(query);
    this.underWay += 1;
    this.metrics.uploadsUnderWay.set(this.underWay);
    try {
      const name = batch ?? newUuid(this.clock, this.randomness);
      return await this.read(name, body, contentType, defaults);
    } catch (error) {
      throw error instanceof CsvHeaderError ? refuse('invalid-request', error.problems) : error;
    } finally {
      // What is left unread is let through and dropped, so that the answer reaches a sender
      // who reads it only after the last octet.
      body.resume();
      this.underWay -= 1;
      this.metrics.uploadsUnderWay.set(this.underWay);
    }
  }

  private async read(
    batch: string,
    body: Readable,
    contentType: string,
    defaults: RowDefaults,
  ): Promise<BulkAnswer> {
    let end: ((ended: BatchUploadEnded) => Promise<void>) | undefined;
    const begin = async (): Promise<void> => {
      end = await this.batches.begin({ batch, contentType });
      if (end === undefined)
        throw new ProblemError(
          problem('batch-name-taken', `choose another name than ${batch}, or leave ?batch= away`),
        );
    };
    const upload = new Upload(
      batch,
      rowsOf(contentType, defaults),
      this.reader,
      this.lifecycle,
      this.backlog,
      this.clock,
      this.randomness,
      begin,
    );
    // The socket must stay open when reading stops early: the answer goes through it.
    const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
    const report = await upload.read(chunks).finally(() => chunks.return?.());
    if (report.accepted > 0) this.metrics.messagesAccepted.inc({ source: 'bulk' }, report.accepted);
    if (report.rejected > 0) this.metrics.messagesRefused.inc({ source: 'bulk' }, report.rejected);
    if (end !== undefined) await this.recordEnd(batch, end, report);
    return this.answer(batch, report);
  }

  /** The messages are durable already: a failure to record the end is told, not thrown. */
  private async recordEnd(
    batch: string,
    end: (ended: BatchUploadEnded) => Promise<void>,
    report: UploadReport,
  ): Promise<void> {
    const { state, reason, rows, accepted, rejected, lastLine } = report;
    try {
      await end({ state, reason, rows, accepted, rejected, lastLine });
    } catch (err) {
      this.log.error(
        { err, batch, state, rows, accepted, rejected, lastLine },
        'the end of an upload could not be recorded',
      );
    }
  }

  private answer(batch: string, report: UploadReport): BulkAnswer {
    const { rows, accepted, rejected, errors, errorsTruncated, lastLine, undecided } = report;
    const answer = { batch, rows, accepted, rejected, errors, errorsTruncated };
    if (report.failure !== null) {
      const kind = isRetryable(report.failure) ? 'store-unavailable' : 'internal';
      const detail = `taking rows failed before line ${String(lastLine)} was durable; rows of the undecided lines may have been accepted`;
      throw new ProblemError(problem(kind, detail, { ...answer, lastLine, undecided }), 5, {
        cause: report.failure,
      });
    }
    if (report.tooLongLine !== null) {
      const line = String(report.tooLongLine);
      const detail = `line ${line} is longer than ${String(LINE_LIMIT_OCTETS)} octets: nothing from it on was taken`;
      throw new ProblemError(
        problem('line-too-long', detail, { ...answer, lastLine, line: report.tooLongLine }),
      );
    }
    if (report.state === 'cut') {
      // Nobody is there to read this; the end of the upload is in the journal.
      throw new ProblemError(problem('invalid-request', 'the upload was cut', { ...answer, lastLine }));
    }
    if (rows === 0) throw new ProblemError(problem('invalid-request', 'the upload has no rows'));
    return answer;
  }

  private readQuery(query: Readonly<Record<string, unknown>>): { batch?: string | undefined } & RowDefaults {
    const input = Object.entries(query).map(([field, value]): [string, unknown] => [
      field,
      typeof value === 'string' ? fieldOfText(field, value) : value,
    ]);
    return parseOrRefuse(BulkQuery, Object.fromEntries(input));
  }
}

function rowsOf(contentType: string, defaults: RowDefaults): UploadRows {
  return contentType === 'text/csv' ? new CsvRows(defaults) : new NdjsonRows(defaults);
}
