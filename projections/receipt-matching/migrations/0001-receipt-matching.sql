-- Which part of which message an SMSC's id stands for, and the receipts that came before
-- anybody knew.
create schema receipt_matching;

create table receipt_matching.submitted_parts (
  connector text collate "C" not null,
  smsc_message_id text collate "C" not null,
  message_id uuid not null,
  part smallint not null,
  -- An SMSC may use an id again (SMPPSim starts at 0 at every start): the newest submit has it.
  primary key (connector, smsc_message_id)
);

create table receipt_matching.parked_receipts (
  receipt_id uuid primary key,
  connector text collate "C" not null,
  smsc_message_id text collate "C" not null,
  -- Of its ReceiptParked: receipts of one part go to their message in this order.
  position bigint not null,
  parked_at timestamptz not null,
  -- The receipt as the journal holds it, and the number it is about.
  receipt json not null,
  recipient text collate "C"
);

create index parked_receipts_by_id on receipt_matching.parked_receipts (connector, smsc_message_id);
