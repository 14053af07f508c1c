-- Messages from phones as the API gives them, and those that still lack parts.
create schema inbound;

create table inbound.messages (
  inbound_id uuid primary key,
  received_at timestamptz not null,
  connector text collate "C" not null,
  from_number text collate "C" not null,
  to_number text collate "C" not null,
  repeats integer not null,
  view json not null
);

-- Newest first is the order of every page; `since` is its end.
create index messages_by_time on inbound.messages (received_at, inbound_id);
create index messages_by_sender on inbound.messages (from_number, received_at, inbound_id);
create index messages_by_recipient on inbound.messages (to_number, received_at, inbound_id);
create index messages_by_connector on inbound.messages (connector, received_at, inbound_id);

create table inbound.lacking_parts (
  inbound_id uuid primary key,
  give_up_at timestamptz not null,
  our_number text collate "C" not null,
  their_number text collate "C" not null
);

create index lacking_parts_by_time on inbound.lacking_parts (give_up_at, inbound_id);
