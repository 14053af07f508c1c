// `receipts:` of a connector in the file, as ReceiptOptions take it.
import { z } from 'zod';

const RECEIPT_STATES = [
  'enroute',
  'accepted',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'unknown',
  'rejected',
] as const;

const idBase = z.enum(['raw', 'hex', 'decimal']);

const pattern = z.string().min(1).max(500);

export const receiptsSchema = z.strictObject({
  submitIdBase: idBase.exactOptional(),
  receiptIdBase: idBase.exactOptional(),
  source: z.enum(['text', 'tlv', 'both']).exactOptional(),
  timeZone: z.string().min(1).max(60).exactOptional(),
  centuryPivot: z.int().min(0).max(100).exactOptional(),
  patterns: z
    .strictObject({
      id: pattern.exactOptional(),
      state: pattern.exactOptional(),
      error: pattern.exactOptional(),
      doneDate: pattern.exactOptional(),
    })
    .exactOptional(),
  states: z.record(z.string().min(1).max(40), z.enum(RECEIPT_STATES)).exactOptional(),
  recipientIn: z.enum(['source_addr', 'destination_addr', 'nowhere']).exactOptional(),
});
