-- What the status API answers from: one row per message, and counts kept by difference so that
-- a batch of a million rows is counted without reading it.
create schema message_status;

create table message_status.messages (
  message_id uuid primary key,
  to_number text collate "C" not null,
  status text collate "C" not null,
  outcome text collate "C" not null,
  batch text collate "C",
  -- The status again when it is none of those that nearly every message goes through, else null.
  uncommon_status text collate "C",
  -- The whole answer of GET /v1/messages/{id}.
  view json not null
) with (fillfactor = 50);

-- No index may touch a column that changes on the common way: then each change stays on its page
-- (a HOT update). With an index on status itself the three writes of a message cost 44 µs, so 26.
create index messages_by_number on message_status.messages (to_number, message_id);
create index messages_by_batch on message_status.messages (batch, message_id) where batch is not null;
create index messages_by_uncommon_status on message_status.messages (uncommon_status, message_id)
  where uncommon_status is not null;

create table message_status.counts (
  -- '' counts the messages of no batch.
  batch text collate "C" not null,
  status text collate "C" not null,
  outcome text collate "C" not null,
  messages bigint not null,
  primary key (batch, status, outcome)
) with (fillfactor = 50);
