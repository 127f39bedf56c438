-- +goose Up
-- What the program itself keeps.
create table counter (
	name text not null primary key,
	n bigint not null
);
insert into counter (name, n) values ('node', 0), ('outbox', 0);

create table setting (
	name text not null primary key,
	value text not null
);

-- What happened, in the order of its commits. Every node reads it after its
-- own cursor and drops what it keeps under the tags (a JSON array of texts).
create table outbox (
	seq bigint primary key,
	at bigint not null,
	kind text not null,
	tags text not null,
	purge boolean not null
);

-- What must happen once. A job is taken for the time of a lease and given
-- back by letting it run out.
create table job (
	id bigint primary key,
	kind text not null,
	payload text not null,
	run_at bigint not null,
	attempts bigint not null,
	lease_until bigint not null,
	lease_by text not null,
	failure text not null,
	done_at bigint not null
);
create index job_waiting on job (run_at, id) where done_at = 0;

-- An import. Until it is live nothing that carries its identity is seen.
create table batch (
	id bigint primary key,
	edition text not null,
	source text not null,
	started_at bigint not null,
	-- When it last added something: a batch that stands still was left behind.
	touched_at bigint not null,
	state text not null
);
-- One import at a time.
create unique index batch_staging on batch (state) where state = 'staging';
