-- One row per message without an outcome: what it waits for, and until when. Senders, fallback
-- and caller take their work from here; the row goes when the outcome is there.
create schema awaiting_outcome;

create table awaiting_outcome.messages (
  message_id uuid primary key,
  waiting_for text collate "C" not null,
  due_at timestamptz not null,
  -- Set while it waits for a sender: then the wait is over and the fallback decides.
  valid_until timestamptz,
  -- 0 high, 1 normal, 2 low; 3 suspects, which go one at a time.
  lane smallint not null,
  -- Which sender's share it is: 0–15, from the id.
  slot smallint not null,
  -- Who made the last submit attempt; null before the first.
  sender text collate "C",
  -- While it waits to be submitted: what its route depends on (src/message/route-facts.ts).
  route json
) with (fillfactor = 80);

create index messages_to_submit on awaiting_outcome.messages (lane, due_at, message_id)
  where waiting_for = 'submit';
create index messages_due on awaiting_outcome.messages (waiting_for, due_at)
  where waiting_for <> 'submit';
