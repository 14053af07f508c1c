// The read models there are, as the rebuild knows them.
import {
  AWAITING_OUTCOME,
  AWAITING_OUTCOME_SCHEMA,
  AwaitingOutcomeProjection,
} from './awaiting-outcome/awaiting-outcome.projection.js';
import { CALLS, CALLS_SCHEMA, CallsProjection } from './calls/calls.projection.js';
import { INBOUND, INBOUND_SCHEMA, InboundProjection } from './inbound/inbound.projection.js';
import {
  MESSAGE_STATUS,
  MESSAGE_STATUS_SCHEMA,
  MessageStatusProjection,
} from './message-status/message-status.projection.js';
import {
  RECEIPT_MATCHING,
  RECEIPT_MATCHING_SCHEMA,
  ReceiptMatchingProjection,
} from './receipt-matching/receipt-matching.projection.js';
import type { ReadModel } from './rebuild.js';

export const READ_MODELS: readonly ReadModel[] = [
  {
    name: 'message-status',
    subscription: MESSAGE_STATUS,
    schema: MESSAGE_STATUS_SCHEMA,
    tables: ['messages', 'counts'],
    projectInto: (journal, schema) => new MessageStatusProjection(journal, schema),
  },
  {
    name: 'awaiting-outcome',
    subscription: AWAITING_OUTCOME,
    schema: AWAITING_OUTCOME_SCHEMA,
    tables: ['messages'],
    projectInto: (journal, schema) => new AwaitingOutcomeProjection(journal, schema),
  },
  {
    name: 'receipt-matching',
    subscription: RECEIPT_MATCHING,
    schema: RECEIPT_MATCHING_SCHEMA,
    tables: ['submitted_parts', 'parked_receipts'],
    projectInto: (_journal, schema) => new ReceiptMatchingProjection(schema),
  },
  {
    name: 'calls',
    subscription: CALLS,
    schema: CALLS_SCHEMA,
    tables: ['sessions'],
    projectInto: (_journal, schema) => new CallsProjection(schema),
  },
  {
    name: 'inbound',
    subscription: INBOUND,
    schema: INBOUND_SCHEMA,
    tables: ['messages', 'lacking_parts'],
    projectInto: (_journal, schema) => new InboundProjection(schema),
  },
];
