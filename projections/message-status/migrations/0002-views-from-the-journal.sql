-- The view of a message is folded from its stream when it is asked for; the row says how far the read
-- model has read it. The subscription message-status-v2 fills the table anew.
drop table message_status.messages;
truncate message_status.counts;

create table message_status.messages (
  message_id uuid primary key,
  to_number text collate "C" not null,
  -- Who it is from, as the phone sees it.
  sender text collate "C" not null,
  status text collate "C" not null,
  outcome text collate "C" not null,
  batch text collate "C",
  -- The status again when it is none of those that nearly every message goes through, else null.
  uncommon_status text collate "C",
  -- Of the last event of its stream that this row tells of.
  revision bigint not null
) with (fillfactor = 50);

-- No index may touch a column that changes on the common way: then each change stays on its page
-- (a HOT update). With an index on status itself the three writes of a message cost 44 µs, so 26.
create index messages_by_number on message_status.messages (to_number, message_id);
create index messages_by_batch on message_status.messages (batch, message_id) where batch is not null;
create index messages_by_uncommon_status on message_status.messages (uncommon_status, message_id)
  where uncommon_status is not null;
