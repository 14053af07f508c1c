// Receipts converge: late, repeated, reordered and contradicting ones end in the same state.
//
// Part state × receipt; "–" changes nothing, "!" is refused (the match was wrong).
//
// | part                               | intermediate         | final                                   |
// |------------------------------------|----------------------|-----------------------------------------|
// | waiting, never in doubt            | !                    | !                                       |
// | waiting after doubt, submitting, in-doubt, submitted | part buffered | part reported                |
// | buffered                           | recorded, state same | part reported                           |
// | reported                           | –                    | same state: –, other: ReceiptContradicted |
// | rejected at submit                 | –                    | `rejected`: –, other: ReceiptContradicted |
//
// A receipt that names another phone than the message's is refused in every state.
// ENROUTE, ACCEPTD and UNKNOWN are intermediate (parts.ts says why). When the message's status is
// final already, what a part still reports is recorded as PartReported and the status stays.
import type { RecordReceipt } from '../message.commands.js';
import { ReceiptForAnotherRecipientError, ReceiptNotExpectedError } from '../message.errors.js';
import type { MessageEvent, ReceiptState } from '../message.events.js';
import type { KnownMessage, Part } from '../message.state.js';
import { afterReceipt, isDelivered, isFinalReceipt, isFinalStatus } from '../parts.js';
import { partFailure } from '../reason.js';
import { mayBeSameRecipient, recipientTail } from '../recipient.js';

/**
 * How many receipts that settle no part (intermediate, contradicting) are remembered per message;
 * further ones are not recorded, unless they tell that the SMSC has a part. So the list holds at
 * most this many ids plus one per part, and none is ever forgotten, so that none is recorded
 * twice. A guess: an SMSC sends one or two intermediate receipts per part.
 */
export const MAX_REMEMBERED_RECEIPTS = 32;

export function recordReceipt(command: RecordReceipt, state: KnownMessage): readonly MessageEvent[] {
  const { part: number, receipt, recipient = '' } = command;
  if (recipient !== '' && !mayBeSameRecipient(recipientTail(recipient), recipientTail(state.to))) {
    throw new ReceiptForAnotherRecipientError(state.messageId);
  }
  const part = state.parts[number - 1];
  if (part === undefined || (part.state === 'waiting' && part.doubts === 0)) {
    throw new ReceiptNotExpectedError(state.messageId, number, state.parts.length);
  }
  if (!isFinalReceipt(receipt.state)) return intermediate(command, state, part);
  if (part.state === 'reported') return contradiction(command, state, part.receiptState);
  if (part.state === 'rejected') return contradiction(command, state, 'rejected');
  return [final(command, state, part)];
}

function intermediate(command: RecordReceipt, state: KnownMessage, part: Part): readonly MessageEvent[] {
  if (part.state === 'reported' || part.state === 'rejected') return [];
  if (part.state === 'buffered' && isRememberedOrFull(state, command)) return [];
  const type = isFinalStatus(state.status) ? 'PartReported' : 'MessageBuffered';
  return [{ type, at: command.at, data: { part: command.part, receipt: command.receipt } }];
}

function contradiction(
  command: RecordReceipt,
  state: KnownMessage,
  recorded: ReceiptState,
): readonly MessageEvent[] {
  const { at, part, receipt } = command;
  if (receipt.state === recorded || isRememberedOrFull(state, command)) return [];
  return [{ type: 'ReceiptContradicted', at, data: { part, recorded, receipt } }];
}

function isRememberedOrFull({ receiptIds }: KnownMessage, { receipt }: RecordReceipt): boolean {
  return receiptIds.length >= MAX_REMEMBERED_RECEIPTS || receiptIds.includes(receipt.receiptId);
}

function final(command: RecordReceipt, state: KnownMessage, part: Part): MessageEvent {
  const { at, part: number, receipt } = command;
  const count = state.parts.length;
  if (isFinalStatus(state.status)) return { type: 'PartReported', at, data: { part: number, receipt } };
  if (receipt.state === 'delivered') {
    const complete = state.parts.every((other, index) => index === number - 1 || isDelivered(other));
    return { type: complete ? 'MessageDelivered' : 'PartReported', at, data: { part: number, receipt } };
  }
  if (receipt.state === 'deleted' && state.withdrawn !== null) {
    const { withdrawn: reason } = state;
    return { type: 'MessageCancelled', at, data: { by: 'receipt', reason, part: number, receipt } };
  }
  const after = afterReceipt(part, receipt, state.attempts);
  const reason = partFailure(after, number, count) ?? `receipt says ${receipt.state}`;
  if (count === 1 && receipt.state === 'expired') {
    return { type: 'MessageExpired', at, data: { cause: 'receipt', reason, part: number, receipt } };
  }
  if (count === 1 && receipt.state === 'rejected') {
    return { type: 'MessageRejected', at, data: { cause: 'receipt', reason, part: number, receipt } };
  }
  return { type: 'MessageUndelivered', at, data: { part: number, reason, receipt } };
}
