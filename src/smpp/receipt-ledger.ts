// Durable notes on receipts that belong to no message (yet): parked ones, their matches, and those
// nobody claimed.
import type { Clock, Randomness } from '../clock/clock.js';
import { newUuid } from '../clock/ids.js';
import type { Journal, NewEvent } from '../journal/journal.js';
import {
  type ReceiptMatched,
  type ReceiptParked,
  receiptStream,
  type ReceiptUnclaimed,
} from '../message/receipt.events.js';
import { SingleStream } from './single-stream.js';

export class ReceiptLedger {
  private readonly receipts: SingleStream;

  constructor(
    journal: Journal,
    connector: string,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {
    this.receipts = new SingleStream(journal, receiptStream(connector));
  }

  park(parked: readonly ReceiptParked[]): Promise<void> {
    return this.receipts.append(parked.map((data) => this.event('ReceiptParked', data)));
  }

  /** Matching the same receipt twice is harmless: both notes say the same. */
  matched(matches: readonly ReceiptMatched[]): Promise<void> {
    return this.receipts.append(matches.map((data) => this.event('ReceiptMatched', data)));
  }

  /** Giving up the same receipt twice is as harmless. */
  unclaimed(givenUp: readonly ReceiptUnclaimed[]): Promise<void> {
    return this.receipts.append(givenUp.map((data) => this.event('ReceiptUnclaimed', data)));
  }

  private event(type: string, data: object): NewEvent {
    const commandId = newUuid(this.clock, this.randomness);
    return {
      id: commandId,
      type,
      data,
      metadata: {
        correlationId: commandId,
        causationId: commandId,
        tenantId: 'default',
        at: this.clock.isoNow(),
        schemaVersion: 1,
      },
    };
  }
}
