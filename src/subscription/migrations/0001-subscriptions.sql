-- Who may do single work (leases), how far each reader has come (checkpoints), and which
-- streams a reader had to stop at (stopped_streams).
create schema subscription;

-- One number per process for as long as its connection lives; it holds advisory lock
-- (7301, number), so that others can tell a dead holder from a slow one without waiting.
create sequence subscription.process_numbers as integer cycle;

create table subscription.leases (
  name text collate "C" primary key,
  holder integer not null,
  -- Grows with every change of hands: writes of an earlier holder are refused by it.
  fence bigint not null,
  held_until timestamptz not null
);

create table subscription.checkpoints (
  id text collate "C" primary key,
  -- numeric: journal positions may be wider than 64 bits.
  position numeric not null,
  fence bigint not null,
  moved_at timestamptz not null default now()
);

-- An event that a reader could not apply stops its own stream only.
create table subscription.stopped_streams (
  id text collate "C" not null,
  stream text collate "C" not null,
  position numeric not null,
  error text not null,
  stopped_at timestamptz not null default now(),
  primary key (id, stream)
);
