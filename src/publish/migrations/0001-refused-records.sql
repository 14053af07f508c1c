-- Records of the feed that the broker will never take, one row per event left out. What came after
-- them was published all the same, so this is where to look when a consumer finds a gap in revisions.
create schema publish;

create table publish.refused_records (
  -- Of the subscription that publishes.
  id text collate "C" not null,
  position numeric not null,
  stream text collate "C" not null,
  revision numeric not null,
  event_id uuid not null,
  type text not null,
  octets integer not null,
  error text not null,
  refused_at timestamptz not null default now(),
  primary key (id, position)
);
