-- Which part of which message an SMSC's id stands for, and the receipts that came before
-- anybody knew.
create schema receipt_matching;

create table receipt_matching.submitted_parts (
  -- Connectors that share receipts: one may bring what concerns the other's submit.
  connector_group text collate "C" not null,
  smsc_message_id text collate "C" not null,
  message_id uuid not null,
  part smallint not null,
  submitted_at timestamptz not null,
  -- Of the event that told of it.
  position bigint not null,
  -- By a receipt that came to its message without it; false: by submit_sm_resp.
  learned boolean not null,
  -- An SMSC may use an id again (SMPPSim starts at 0 at every start): the newest submit that fits has it.
  primary key (connector_group, smsc_message_id, message_id, part)
);

-- For the pruner, which walks along it. New rows go to its end.
create index submitted_parts_by_age on receipt_matching.submitted_parts (submitted_at, message_id);

create table receipt_matching.parked_receipts (
  receipt_id uuid primary key,
  connector_group text collate "C" not null,
  smsc_message_id text collate "C" not null,
  -- Last digits of the recipient; empty when the SMSC does not say.
  recipient_tail text collate "C" not null,
  -- Through which it came: whose matcher brings it.
  connector text collate "C" not null,
  -- Of its ReceiptParked: receipts of one part go to their message in this order.
  position bigint not null,
  -- Of the newest event that made its id known; its own when it was known already. Null: unknown.
  claimable_at bigint,
  parked_at timestamptz not null,
  -- The receipt as the journal holds it, and the number it is about.
  receipt json not null,
  recipient text collate "C" not null
);

create index parked_receipts_by_id on receipt_matching.parked_receipts (connector_group, smsc_message_id);
create index parked_receipts_claimable on receipt_matching.parked_receipts (connector, claimable_at, position)
  where claimable_at is not null;
create index parked_receipts_by_age on receipt_matching.parked_receipts (connector, parked_at, receipt_id);
