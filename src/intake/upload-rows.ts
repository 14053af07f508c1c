// Lines of an upload → rows: what each asks for, or why it cannot be read.
import { MESSAGE_FIELDS, type MessageField } from './message-request.js';
import { CsvRecords, delimiterOf } from './csv-records.js';
import type { UploadLine } from './upload-lines.js';
import { type FieldProblem, shown } from '../http/http.errors.js';

export interface RowProblem {
  readonly line: number;
  /** Null when the problem is the line as a whole. */
  readonly field: string | null;
  readonly problem: string;
}

export type UploadRow =
  { readonly line: number; readonly input: Readonly<Record<string, unknown>> } | RowProblem;

export interface UploadRows {
  take(lines: readonly UploadLine[]): UploadRow[];
  /** What the end of the upload completes. */
  end(): UploadRow[];
  /** Line of a row that goes over the limit; null: none. */
  readonly tooLong: number | null;
}

/** What a row gets where it says nothing itself. */
export type RowDefaults = Readonly<Record<string, unknown>>;

const NOT_UTF8 = 'is not valid UTF-8 (or contains U+FFFD): save the file as UTF-8';

export class NdjsonRows implements UploadRows {
  readonly tooLong = null;

  constructor(private readonly defaults: RowDefaults) {}

  take(lines: readonly UploadLine[]): UploadRow[] {
    const rows: UploadRow[] = [];
    for (const { line, text } of lines) {
      if (text !== '' && text !== '\r') rows.push(this.row(line, text));
    }
    return rows;
  }

  end(): UploadRow[] {
    return [];
  }

  private row(line: number, text: string): UploadRow {
    if (text.includes('\uFFFD')) return { line, field: null, problem: NOT_UTF8 };
    let input: unknown;
    try {
      input = JSON.parse(text);
    } catch (error) {
      return {
        line,
        field: null,
        problem: `is not valid JSON: ${shown(error instanceof Error ? error.message : error)}`,
      };
    }
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return { line, field: null, problem: 'must be a JSON object' };
    }
    return { line, input: { ...this.defaults, ...input } };
  }
}

/** The header of a CSV upload cannot be used: nothing of the upload is taken. */
export class CsvHeaderError extends Error {
  constructor(readonly problems: readonly FieldProblem[]) {
    super('the header of the CSV upload cannot be used');
    this.name = 'CsvHeaderError';
  }
}

export class CsvRows implements UploadRows {
  private records: CsvRecords | null = null;
  private columns: readonly string[] = [];

  constructor(private readonly defaults: RowDefaults) {}

  get tooLong(): number | null {
    return this.records?.neverClosed ?? null;
  }

  /** @throws CsvHeaderError when the first line does not name known columns, `to` among them. */
  take(lines: readonly UploadLine[]): UploadRow[] {
    const rows: UploadRow[] = [];
    for (const line of lines) {
      this.records ??= new CsvRecords(delimiterOf(line.text));
      const record = this.records.take(line);
      if (record === undefined) continue;
      if ('problem' in record) rows.push({ line: record.line, field: null, problem: record.problem });
      else if (this.columns.length === 0) this.columns = columnsOf(record.cells, this.defaults);
      else rows.push(this.row(record.line, record.cells));
    }
    return rows;
  }

  end(): UploadRow[] {
    const left = this.records?.end();
    return left !== undefined && 'problem' in left
      ? [{ line: left.line, field: null, problem: left.problem }]
      : [];
  }

  private row(line: number, cells: readonly string[]): UploadRow {
    if (cells.length !== this.columns.length) {
      const problem = `has ${String(cells.length)} cells where the header names ${String(this.columns.length)}`;
      return { line, field: null, problem };
    }
    const input: Record<string, unknown> = { ...this.defaults };
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] ?? '';
      const column = this.columns[i] ?? '';
      if (cell === '') continue;
      if (cell.includes('\uFFFD')) return { line, field: column, problem: NOT_UTF8 };
      input[column] = fieldOfText(column, cell);
    }
    return { line, input };
  }
}

/** Fields that are no text in JSON. */
const JSON_FIELDS: ReadonlySet<string> = new Set<MessageField>([
  'channels',
  'dataCoding',
  'transliterate',
  'flash',
  'ports',
  'binary',
]);

/**
 * A cell of a CSV file, or a value of the query, as the field it stands for: lists and objects,
 * numbers, true and false as they stand in JSON, nationalLanguages also as "tr es". What is no JSON
 * fails the schema as text.
 */
export function fieldOfText(field: string, cell: string): unknown {
  if (field === 'nationalLanguages' && !cell.startsWith('[')) return cell.split(/[\s,]+/);
  if (field !== 'nationalLanguages' && !JSON_FIELDS.has(field)) return cell;
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    return cell;
  }
}

function columnsOf(header: readonly string[], defaults: RowDefaults): readonly string[] {
  const columns = header.map((name) => name.trim());
  const known = new Set<string>(MESSAGE_FIELDS);
  known.delete('batch');
  const problems: FieldProblem[] = columns
    .filter((name, i) => !known.has(name) || columns.indexOf(name) !== i)
    .map((name) => ({
      field: shown(name),
      problem: known.has(name)
        ? 'stands twice in the header'
        : `is not a known column: use ${[...known].join(', ')}`,
    }));
  const given = (name: MessageField): boolean => columns.includes(name) || defaults[name] !== undefined;
  if (!given('to')) problems.push({ field: 'to', problem: 'is missing in the header' });
  if (!given('text') && !given('binary'))
    problems.push({ field: 'text', problem: 'is missing in the header' });
  if (problems.length > 0) throw new CsvHeaderError(problems);
  return columns;
}
