// Receipts that came before anybody knew whose they are: stream receipts-<connector>.
import type { ReceiptEvidence } from './message.events.js';

/** Durable before it is acknowledged, like any other receipt; matched when its message is known. */
export interface ReceiptParked {
  readonly receipt: ReceiptEvidence;
  /** The connectors any of which may have submitted what it is about. */
  readonly group: string;
  /** The recipient's number as the SMSC wrote it. */
  readonly personal: { readonly to: string };
}

export interface ReceiptMatched {
  readonly receiptId: string;
  readonly messageId: string;
  readonly part: number;
  /** id: the SMSC's id became known. recipient: the one message in doubt to that number. */
  readonly by: 'id' | 'recipient';
}

/**
 * Nobody claimed it while a message could still own it: it is no longer looked at. Should a message take
 * it in that very moment, its ReceiptMatched follows; the message is right.
 */
export interface ReceiptUnclaimed {
  readonly receiptId: string;
  /** Through which it came. */
  readonly connector: string;
  readonly reason: UnclaimedReason;
}

/**
 * unknown-id: no submit got the SMSC's id. no-id: it carried none, and no message in doubt fitted it.
 * not-taken: its id is known, but of another time or phone.
 */
export type UnclaimedReason = 'unknown-id' | 'no-id' | 'not-taken';

export type ReceiptEvent =
  | { readonly type: 'ReceiptParked'; readonly data: ReceiptParked }
  | { readonly type: 'ReceiptMatched'; readonly data: ReceiptMatched }
  | { readonly type: 'ReceiptUnclaimed'; readonly data: ReceiptUnclaimed };

const TYPES: ReadonlySet<string> = new Set<ReceiptEvent['type']>([
  'ReceiptParked',
  'ReceiptMatched',
  'ReceiptUnclaimed',
]);

/** Of what is written today. */
const SCHEMA_VERSION = 1;

const PREFIX = 'receipts-';

export function receiptStream(connector: string): string {
  return PREFIX + connector;
}

/** @throws Error for a type or version this build does not know: the stream must not be followed further. */
export function toReceiptEvent(recorded: {
  readonly type: string;
  readonly data: object;
  readonly metadata: { readonly schemaVersion: number };
}): ReceiptEvent {
  const { type, data, metadata } = recorded;
  if (!TYPES.has(type) || metadata.schemaVersion !== SCHEMA_VERSION) {
    throw new Error(
      `${type} version ${String(metadata.schemaVersion)} is not known to this build; run the build that wrote it`,
    );
  }
  return { type, data } as ReceiptEvent;
}

export function isReceiptStream(stream: string): boolean {
  return stream.startsWith(PREFIX);
}
