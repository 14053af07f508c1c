// How one SMSC writes its receipts, where it differs from what is read without being told.
import type { ReceiptState } from '../../message/message.events.js';
import { ConnectorOptionError } from '../smpp.errors.js';
import { type IdBase, normaliseId } from './receipt-id.js';
import { ReceiptStates } from './receipt-state.js';
import { SmscTime } from './receipt-time.js';

/** A part of a receipt's text that a pattern can find. */
export type ReceiptField = 'id' | 'state' | 'error' | 'doneDate';

/** Plain data: it can stand in a file. Every field may be left out. */
export interface ReceiptOptions {
  /** Of the id in submit_sm_resp. */
  readonly submitIdBase?: IdBase;
  /** Of the id in the receipt, text and TLV. */
  readonly receiptIdBase?: IdBase;
  /** Which half of a receipt is believed; with both, TLVs win over text. */
  readonly source?: 'text' | 'tlv' | 'both';
  /** Of the dates in the text: IANA name, UTC, or a fixed offset as +02:00. Left out: dates stay raw. */
  readonly timeZone?: string;
  /** Two-digit years from here on are of the 1900s (SMPP 3.4 Appendix C: 38). */
  readonly centuryPivot?: number;
  /** Regular expressions instead of the labels; the first group counts, or else the whole match. */
  readonly patterns?: Readonly<Partial<Record<ReceiptField, string>>>;
  /** What a word of `stat:` means here, e.g. ACCEPTD: delivered; or a message_state by its number. */
  readonly states?: Readonly<Record<string, ReceiptState>>;
  /** Where the number of the phone stands. Some SMSCs do not swap the addresses; some hide it. */
  readonly recipientIn?: 'source_addr' | 'destination_addr' | 'nowhere';
}

/** The options made ready for use, once per connector. */
export interface ReceiptDialect {
  readonly receiptIdBase: IdBase;
  readonly useText: boolean;
  readonly useTlvs: boolean;
  readonly time: SmscTime;
  readonly states: ReceiptStates;
  readonly patterns: ReadonlyMap<ReceiptField, RegExp>;
  readonly recipientIn: 'source_addr' | 'destination_addr' | 'nowhere';
}

/** SMPP 3.4 Appendix C. */
const CENTURY_PIVOT = 38;

/** @throws ConnectorOptionError that names the setting, what is wrong and what is possible. */
export function receiptDialect(options: ReceiptOptions = {}): ReceiptDialect {
  const { source = 'both', centuryPivot = CENTURY_PIVOT } = options;
  if (!Number.isInteger(centuryPivot) || centuryPivot < 0 || centuryPivot > 100) {
    throw new ConnectorOptionError(
      `receipts.centuryPivot must be a whole number from 0 to 100, but is ${centuryPivot}`,
    );
  }
  return {
    receiptIdBase: options.receiptIdBase ?? 'raw',
    useText: source !== 'tlv',
    useTlvs: source !== 'text',
    time: timeOf(options.timeZone ?? null, centuryPivot),
    states: new ReceiptStates(options.states),
    patterns: patternsOf(options.patterns ?? {}),
    recipientIn: options.recipientIn ?? 'source_addr',
  };
}

export const DEFAULT_DIALECT: ReceiptDialect = receiptDialect();

/** The id of a submit_sm_resp as the connector's receipts will name it. Apply it wherever one is kept. */
export function normaliseSubmitId(options: ReceiptOptions | undefined, id: string): string {
  return normaliseId(options?.submitIdBase ?? 'raw', id);
}

function timeOf(zone: string | null, centuryPivot: number): SmscTime {
  try {
    return new SmscTime(zone, centuryPivot);
  } catch (cause) {
    throw new ConnectorOptionError(
      `receipts.timeZone ${String(zone)} is not known; use an IANA name such as Africa/Nairobi, or an offset such as +03:00`,
      { cause },
    );
  }
}

function patternsOf(written: NonNullable<ReceiptOptions['patterns']>): ReadonlyMap<ReceiptField, RegExp> {
  const patterns = new Map<ReceiptField, RegExp>();
  for (const field of ['id', 'state', 'error', 'doneDate'] as const) {
    const pattern = written[field];
    if (pattern === undefined) continue;
    try {
      patterns.set(field, new RegExp(pattern, 'i'));
    } catch (cause) {
      throw new ConnectorOptionError(
        `receipts.patterns.${field} is no regular expression: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  }
  return patterns;
}
