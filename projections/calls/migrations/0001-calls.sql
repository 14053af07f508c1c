-- Which call of which message a gateway's session belongs to.
create schema calls;

create table calls.sessions (
  session_id text collate "C" primary key,
  message_id uuid not null,
  attempt smallint not null
);
