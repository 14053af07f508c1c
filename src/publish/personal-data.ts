// What the feed leaves out unless it is told to send everything: whoever may read a topic may not
// for that reason learn who was written to, and what.
import type { MessageEvent, ReceiptEvidence } from '../message/message.events.js';
import { maskedNumber } from '../message/msisdn.js';

/**
 * The data of an event without texts and numbers; of the recipient's number the country code and the
 * last two digits stay. Receipts and reports of calls lose what came over the wire word by word, which
 * may hold anything, and receipts their id: it is a digest over the number, which could be tried out.
 */
export function withoutPersonalData(event: MessageEvent): Readonly<Record<string, unknown>> {
  const { personal, receipt, ...data } = event.data as WithPrivateParts;
  return {
    ...without(data, ['raw']),
    ...(receipt === undefined ? {} : { receipt: without(receipt, ['raw', 'receiptId']) }),
    ...(personal?.to === undefined ? {} : { personal: { to: maskedNumber(personal.to) } }),
  };
}

/** Where personal data can stand in the data of an event. */
interface WithPrivateParts {
  readonly personal?: { readonly to?: string };
  readonly receipt?: ReceiptEvidence;
  readonly raw?: string;
}

function without(fields: object, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
