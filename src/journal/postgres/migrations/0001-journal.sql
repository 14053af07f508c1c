-- The journal: one row per event, never changed, never removed.
--
-- Positions are contiguous and become visible in order: every writer first updates the single
-- row of journal_head, in the same transaction as its rows, and so holds its lock until commit.
-- journal_position only deals out the numbers below the head that was just taken: each batch sets
-- it anew under that lock, so a batch that is rolled back leaves no gap.
-- To add a row by hand, take its position from journal_head in the same statement.

-- cache: one batch fetches its numbers in few steps; stale numbers cannot survive the next setval.
create sequence journal_position as bigint minvalue 0 start 0 cache 200;

create table journal_head (
  single boolean primary key default true check (single),
  position bigint not null
) with (fillfactor = 10);

insert into journal_head (position) values (0);

-- Fixed-width columns first: no padding. json, not jsonb: nothing queries inside, and parsing
-- into jsonb costs a quarter of the throughput. json also keeps \u0000, which jsonb refuses.
create table journal_events (
  position bigint primary key default nextval('journal_position'),
  revision bigint not null,
  appended_at timestamptz not null default now(),
  id uuid not null,
  stream text collate "C" not null,
  type text collate "C" not null,
  data json not null,
  metadata json not null,
  constraint journal_events_stream_revision unique (stream, revision)
);

create function journal_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$$;

-- Per statement, so that inserts pay nothing.
create trigger journal_events_append_only before update or delete or truncate on journal_events
  for each statement execute function journal_refuse_change();

-- Without its row the head could not be locked, and writers would no longer exclude each other.
create trigger journal_head_stays before delete or truncate on journal_head
  for each statement execute function journal_refuse_change();
