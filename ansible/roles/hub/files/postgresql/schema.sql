-- Database of the hub: records of the devices, once each. Run as the owner of the database; a second run changes nothing:
--   psql -d mien -v ON_ERROR_STOP=1 -1 -f schema.sql

set client_min_messages = warning;

do $$ begin
  if not exists (select from pg_roles where rolname = 'mien_ingest') then create role mien_ingest login; end if;
  if not exists (select from pg_roles where rolname = 'mien_dashboard') then create role mien_dashboard login; end if;
end $$;
revoke create on schema public from public;

-- Labels are an open set: a new model may bring new ones. So they stay in one jsonb object, and this check keeps a value that is no
-- number, or too large, from breaking every query that sums them.
create or replace function is_object_of_numbers(value jsonb) returns boolean language sql immutable as
  $$ select jsonb_typeof(value) = 'object' and not jsonb_path_exists(value, '$.* ? (@.type() != "number" || @ < 0 || @ > 1000000000)') $$;

-- Types are wider than the devices need. The triggers below check the values: as constraints of the partitions, the same checks
-- would take 60 % of the time of an insert, because each statement compiles them again. A partitioned table needs its partition key
-- in the primary key. A record is (device, boot_id, seq): the triggers skip one that is already there with another ts. Their search
-- must use this key: without statistics, as in a new month, the planner prefers an index that begins with the device, and reads all its
-- rows. So the key begins with the boot, and the search hides the device from the planner.
create table if not exists visit (
  device text not null,
  boot_id text not null,
  seq bigint not null,
  ts timestamptz not null,
  received timestamptz not null default clock_timestamp(),
  historical boolean not null,
  id text not null,
  track bigint,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  dwell_ms double precision not null,
  dominant text not null,
  shares jsonb not null,
  reasons jsonb,
  happy_share double precision,
  strongest jsonb,
  confidence double precision,
  frames bigint,
  cut boolean not null default false,
  primary key (boot_id, seq, device, ts)
) partition by range (ts);

create table if not exists minute (
  device text not null,
  boot_id text not null,
  seq bigint not null,
  ts timestamptz not null,
  received timestamptz not null default clock_timestamp(),
  historical boolean not null,
  id text not null,
  start timestamptz not null,
  duration_s double precision not null,
  people bigint not null,
  visits_begun bigint not null,
  visits_ended bigint not null,
  dwell_ms double precision not null,
  seconds jsonb not null,
  uncertain_s double precision not null,
  watched_s double precision not null,
  blind_s double precision not null,
  paused_s double precision not null,
  model text,
  config text,
  cut boolean not null default false,
  -- Hour of the start, in UTC. A plain column, so that a condition on the hour reaches the index below the views' sums.
  hour timestamptz not null generated always as (date_trunc('hour', start at time zone 'UTC') at time zone 'UTC') stored,
  primary key (boot_id, seq, device, ts)
) partition by range (ts);

-- Records arrive nearly in the order of their time, so a BRIN index finds the range of a fleet panel and takes a few kB. The panels
-- of one device need its rows out of those of all devices: a btree.
create index if not exists visit_ts on visit using brin (ts) with (pages_per_range = 32, autosummarize = on);
create index if not exists visit_device_ts on visit (device, ts);
create index if not exists minute_hour on minute using brin (hour) with (pages_per_range = 32, autosummarize = on);
create index if not exists minute_device_hour on minute (device, hour);

-- A device whose clock jumped writes times of any year: they go to the default partition.
create table if not exists visit_default partition of visit default;
create table if not exists minute_default partition of minute default;

-- Records that no table accepts, with the original payload. Without this table, Telegraf would repeat a bad record endlessly, and
-- the records of all devices would wait behind it.
create table if not exists rejected (
  received timestamptz not null default clock_timestamp(),
  kind text not null,
  device text,
  payload text,
  reason text not null
);
create index if not exists rejected_received on rejected using brin (received);

-- Telegraf knows no ON CONFLICT. It inserts into these views; their triggers insert what is new.
create or replace view visit_in as select null::text as device, null::text as payload where false;
create or replace view minute_in as select null::text as device, null::text as payload where false;

create or replace function payload_of(topic_device text, payload text) returns jsonb language plpgsql immutable as $$
declare
  body jsonb := payload::jsonb;
begin
  if jsonb_typeof(body) is distinct from 'object' then
    raise data_exception using message = 'the payload is not a JSON object';
  end if;
  if body -> 'schema' is distinct from '4' then
    raise data_exception using message = format('schema: expected 4, got %s', coalesce(left(body ->> 'schema', 20), 'nothing'));
  end if;
  -- The broker vouches for the topic. An AMQP consumer has no topic.
  if body ->> 'device' is distinct from coalesce(topic_device, body ->> 'device') then
    raise data_exception using message = format('device: the topic says %s, the payload %s', topic_device, left(body ->> 'device', 200));
  end if;
  return body;
end $$;

-- A missing value is refused by the table, one out of range here. The lengths keep the key below the limit of a btree entry, 2,704
-- bytes. The ranges keep a sum of a dashboard from overflowing, and a time where a dashboard can show it.
create or replace function refuse(field text) returns void language plpgsql immutable as $$ begin
  if field is not null then raise data_exception using message = format('%s: out of range', field); end if;
end $$;

create or replace function visit_in() returns trigger language plpgsql security definer set search_path = public, pg_temp
  set enable_seqscan = off as $$
declare
  r record;
begin
  select * into r from jsonb_to_record(payload_of(new.device, new.payload)) as r(device text, boot_id text, seq bigint,
    ts double precision, historical boolean, id text, track bigint, started_at double precision, ended_at double precision,
    dwell_ms double precision, dominant text, shares jsonb, reasons jsonb, happy_share double precision, strongest jsonb,
    confidence double precision, frames bigint, cut boolean);
  perform refuse(case
    when length(r.device) not between 1 and 200 then 'device'
    when length(r.boot_id) not between 1 and 100 then 'boot_id'
    when r.seq < 1 then 'seq'
    when r.ts not between 0 and 4102444800000 then 'ts'
    when r.started_at not between 0 and 4102444800000 then 'started_at'
    when r.ended_at not between 0 and 4102444800000 then 'ended_at'
    when r.dwell_ms not between 0 and 1e12 then 'dwell_ms'
    when not is_object_of_numbers(r.shares) then 'shares'
    when not is_object_of_numbers(r.reasons) then 'reasons'
    when r.happy_share not between 0 and 1 then 'happy_share'
    when r.confidence not between 0 and 1 then 'confidence' end);
  insert into visit (device, boot_id, seq, ts, historical, id, track, started_at, ended_at, dwell_ms, dominant, shares, reasons,
    happy_share, strongest, confidence, frames, cut)
  select r.device, r.boot_id, r.seq, to_timestamp(r.ts / 1000), r.historical, r.id, r.track, to_timestamp(r.started_at / 1000),
    to_timestamp(r.ended_at / 1000), r.dwell_ms, r.dominant, r.shares, r.reasons, r.happy_share, r.strongest, r.confidence,
    r.frames, coalesce(r.cut, false)
  where not exists (select from visit v where v.boot_id = r.boot_id and v.seq = r.seq and v.device || '' = r.device)
  on conflict do nothing;
  return new;
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
  insert into rejected (kind, device, payload, reason) values ('visit', new.device, new.payload, sqlerrm);
  return new;
end $$;

create or replace function minute_in() returns trigger language plpgsql security definer set search_path = public, pg_temp
  set enable_seqscan = off as $$
declare
  r record;
begin
  select * into r from jsonb_to_record(payload_of(new.device, new.payload)) as r(device text, boot_id text, seq bigint,
    ts double precision, historical boolean, id text, start double precision, duration_s double precision, people bigint,
    visits_begun bigint, visits_ended bigint, dwell_ms double precision, seconds jsonb, uncertain_s double precision,
    watched_s double precision, blind_s double precision, paused_s double precision, model text, config text, cut boolean);
  perform refuse(case
    when length(r.device) not between 1 and 200 then 'device'
    when length(r.boot_id) not between 1 and 100 then 'boot_id'
    when r.seq < 1 then 'seq'
    when r.ts not between 0 and 4102444800000 then 'ts'
    when r.start not between 0 and 4102444800000 then 'start'
    when r.duration_s not between 0 and 1e9 then 'duration_s'
    when r.dwell_ms not between 0 and 1e12 then 'dwell_ms'
    when r.people not between 0 and 1000000000 then 'people'
    when r.visits_begun not between 0 and 1000000000 then 'visits_begun'
    when r.visits_ended not between 0 and 1000000000 then 'visits_ended'
    when r.uncertain_s not between 0 and 1e9 then 'uncertain_s'
    when r.watched_s not between 0 and 1e9 then 'watched_s'
    when r.blind_s not between 0 and 1e9 then 'blind_s'
    when r.paused_s not between 0 and 1e9 then 'paused_s'
    when not is_object_of_numbers(r.seconds) then 'seconds' end);
  insert into minute (device, boot_id, seq, ts, historical, id, start, duration_s, people, visits_begun, visits_ended, dwell_ms,
    seconds, uncertain_s, watched_s, blind_s, paused_s, model, config, cut)
  -- A device may send a minute twice: whole, and after a power cut on a full disk once more, cut. The first one stays.
  select r.device, r.boot_id, r.seq, to_timestamp(r.ts / 1000), r.historical, r.id, to_timestamp(r.start / 1000), r.duration_s,
    r.people, r.visits_begun, r.visits_ended, r.dwell_ms, r.seconds, r.uncertain_s, r.watched_s, r.blind_s, r.paused_s, r.model,
    r.config, coalesce(r.cut, false)
  where not exists (select from minute m where m.boot_id = r.boot_id and m.seq = r.seq and m.device || '' = r.device)
  on conflict do nothing;
  return new;
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
  insert into rejected (kind, device, payload, reason) values ('minute', new.device, new.payload, sqlerrm);
  return new;
end $$;

create or replace trigger insert_new instead of insert on visit_in for each row execute function visit_in();
create or replace trigger insert_new instead of insert on minute_in for each row execute function minute_in();

-- Puts set-aside records in again, e.g. after an update of this file. Returns how many were accepted.
create or replace function retry_rejected() returns bigint language plpgsql as $$
declare
  before bigint;
  after bigint;
begin
  -- A record that is set aside between the copy and the deletion would be lost.
  lock table rejected in share row exclusive mode;
  create temp table retried on commit drop as select * from rejected;
  delete from rejected;
  select count(*) into before from retried;
  insert into visit_in (device, payload) select device, payload from retried where kind = 'visit';
  insert into minute_in (device, payload) select device, payload from retried where kind = 'minute';
  select count(*) into after from rejected;
  return before - after;
end $$;

-- Makes the partitions of this and the next two months and drops the months, and the rows of the default partition, that are older
-- than `keep`. A systemd timer of the role calls it once a day; without it, rows of new months go to the default partition, and the
-- next call moves them to their month.
create or replace function maintain(keep interval) returns void language plpgsql set timezone = 'UTC' as $$
declare
  parent text;
  part text;
  month timestamptz;
  oldest timestamptz := date_trunc('month', now() - keep);
begin
  foreach parent in array array['visit', 'minute'] loop
    for month in select generate_series(date_trunc('month', now()) - interval '1 month', now() + interval '2 months', interval '1 month') loop
      part := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
      continue when month < oldest or to_regclass(part) is not null;
      perform make_partition(parent, part, month, month + interval '1 month');
    end loop;
    for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = parent::regclass and c.relname ~ '_\d{4}_\d\d$'
        and to_date(right(c.relname, 7), 'YYYY_MM') < oldest::date loop
      execute format('drop table %I', part);
    end loop;
    execute format('delete from %I where ts < %L', parent || '_default', oldest);
  end loop;
  delete from rejected where received < oldest;
end $$;

-- A range that has rows in the default partition cannot be attached, so the rows move first. The lock, of the parent and then of all
-- partitions, keeps rows from arriving there meanwhile. Queries take their locks in the same order, so there is no deadlock.
create or replace function make_partition(parent text, part text, since timestamptz, until timestamptz) returns void language plpgsql as $$
declare
  columns text;
begin
  execute format('lock table %I in access exclusive mode', parent);
  select string_agg(quote_ident(attname), ', ' order by attnum) into columns
    from pg_attribute where attrelid = parent::regclass and attnum > 0 and not attisdropped and attgenerated = '';
  execute format('create table %I (like %I including defaults including constraints including generated)', part, parent);
  execute format('with moved as (delete from %1$I where ts >= %2$L and ts < %3$L returning %4$s) insert into %5$I (%4$s) select %4$s from moved',
    parent || '_default', since, until, columns, part);
  execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, part, since, until);
end $$;

do $$ begin perform maintain('13 months'); end $$;

-- What dashboards read. `coverage` is the share of the hour that the camera was watched: 0.33 is an hour with 20 minutes of camera.
create or replace view hour_by_device as
  select device, hour, sum(watched_s) as watched_s, sum(blind_s) as blind_s, sum(paused_s) as paused_s,
    least(sum(watched_s) / 3600, 1) as coverage, max(people) as people_max, sum(visits_begun) as visits_begun,
    sum(visits_ended) as visits_ended, sum(dwell_ms) as dwell_ms, sum(uncertain_s) as uncertain_s, max(received) as received
  from minute group by device, hour;

create or replace view hour_by_expression as
  select device, hour, label.key as expression, sum(label.value::double precision) as face_s
  from minute cross join lateral jsonb_each(seconds) as label group by device, hour, label.key;

grant usage on schema public to mien_ingest, mien_dashboard;
grant insert on visit_in, minute_in to mien_ingest;
grant select on visit, minute, rejected, hour_by_device, hour_by_expression to mien_dashboard;
alter role mien_dashboard set default_transaction_read_only = on;
-- A panel with a wide range must not hold the database for minutes.
alter role mien_dashboard set statement_timeout = '30s';
