-- +goose Up
-- People of the desk. The address is folded to lower case; disabled_at is 0
-- for who may work.
create table staff (
	id bigint primary key,
	email text not null,
	role text not null,
	disabled_at bigint not null,
	content text not null
);
create unique index staff_email on staff (email);

-- Tokens of the API. Only the SHA-256 of a token is kept; scopes is a JSON
-- array; a time of 0 means never.
create table token (
	id bigint primary key,
	staff bigint not null,
	hash text not null,
	label text not null,
	scopes text not null,
	created_at bigint not null,
	expires_at bigint not null,
	revoked_at bigint not null
);
create unique index token_hash on token (hash);
create index token_staff on token (staff);

-- What was answered to a request that carried a key, in the transaction that
-- did what it asked. A secret is not in the answer.
create table idempotency (
	staff bigint not null,
	key text not null,
	request text not null,
	status bigint not null,
	subject bigint not null,
	answer text not null,
	at bigint not null,
	primary key (staff, key)
);
create index idempotency_at on idempotency (at);
create index idempotency_subject on idempotency (subject);

-- Who did what, each row sealed by a hash over itself and the one before.
create table audit (
	seq bigint primary key,
	at bigint not null,
	by bigint not null,
	act text not null,
	subject text not null,
	detail text not null,
	hash text not null
);
insert into counter (name, n) values ('audit', 0);

-- The nodes that serve this newsroom. name is a node's machine and port, address
-- where receipts fetch from. A node is taken off when it leaves, or was silent for
-- an hour. skew is its clock's distance
-- from the database's.
create table node (
	id bigint primary key,
	name text not null,
	address text not null,
	started_at bigint not null,
	seen_at bigint not null,
	read_to bigint not null,
	skew bigint not null
);

create index address_story on address (story, slug);
alter table story add column embargo bigint not null default 0;
alter table version add column by bigint not null default 0;
create index version_kind on version (kind, at, story, number);
create index version_revision on version (revision, story);

-- The words of what readers may see, all versions of it.
create view public_text as
select r.id, r.content from revision r
where exists (select 1 from version v join published p on p.story = v.story where v.revision = r.id);

-- A publication that waits for its time. failure says why it could not go
-- live; empty while it waits.
create table planned (
	story bigint primary key,
	at bigint not null,
	sequence bigint not null,
	by bigint not null,
	kind text not null,
	note text not null,
	job bigint not null,
	failure text not null
);

-- The proof that a change reached readers. due_at is when it was to happen,
-- done_at when it was durable, seen_at when all addresses showed it; lines is a
-- JSON array of what was seen where, silent one of nodes that did not answer.
create table receipt (
	id bigint primary key,
	story bigint not null,
	version bigint not null,
	what text not null,
	due_at bigint not null,
	done_at bigint not null,
	seen_at bigint not null,
	state text not null,
	lines text not null,
	silent text not null default '[]'
);
create index receipt_story on receipt (story, id);
create index receipt_state on receipt (state, id);

-- Who wants to hear of what, and what was sent. events is a JSON array;
-- silent_at is when the receiver last could not be reached, 0 once it answered.
-- The secret is needed to sign, so it is kept as it is. due_at is when the next
-- attempt is to be made; done_at is 0 until there is none.
create table webhook (
	id bigint primary key,
	url text not null,
	secret text not null,
	events text not null,
	active boolean not null,
	by bigint not null,
	created_at bigint not null,
	silent_at bigint not null
);
create table delivery (
	id bigint primary key,
	webhook bigint not null,
	event text not null,
	subject bigint not null,
	payload text not null,
	at bigint not null,
	attempts bigint not null,
	status bigint not null,
	failure text not null,
	due_at bigint not null,
	done_at bigint not null
);
create index delivery_webhook on delivery (webhook, id);
create index delivery_subject on delivery (subject);

-- Views of a story within an hour (hours since the epoch, UTC). A batch is
-- written once: its identity is kept until no copy of it can be left.
create table view_hour (
	story bigint not null,
	hour bigint not null,
	n bigint not null,
	primary key (story, hour)
);
create index view_hour_hour on view_hour (hour, story, n);
create table view_batch (
	id bigint primary key,
	at bigint not null
);
create index view_batch_at on view_batch (at);
-- Stories that stay out of Most Viewed, and why.
create table view_excluded (
	story bigint primary key,
	reason text not null,
	by bigint not null,
	at bigint not null
);
-- Most Viewed as ranked last: a JSON array of stories with their views, for a
-- span (day, week, month) of an edition and a section; section 0 is all.
create table most_viewed (
	edition text not null,
	section bigint not null,
	span text not null,
	at bigint not null,
	stories text not null,
	primary key (edition, section, span)
);

-- What must be taken from everywhere. target holds what is to go and is empty
-- once it has gone; hash is over it, report says what was done where, and while
-- it waits where it would be done.
create table redaction (
	id bigint primary key,
	kind text not null,
	state text not null,
	reason text not null,
	target text not null,
	hash text not null,
	asked_by bigint not null,
	asked_at bigint not null,
	confirmed_by bigint not null,
	confirmed_at bigint not null,
	done_at bigint not null,
	report text not null
);
-- The stories that a redaction changed, for copies that readers keep.
create table redacted (
	redaction bigint not null,
	story bigint not null,
	at bigint not null,
	primary key (redaction, story)
);
create index redacted_at on redacted (at, story);
create index redacted_story on redacted (story);
-- Whose turn it is to redact: one row, its holder's until its time.
create table redaction_turn (
	id bigint primary key,
	holder bigint not null,
	until bigint not null
);

-- The backups that were begun, so that a redaction can name those that still
-- hold what it removed. at is before the moment that one is of; hash is empty
-- until its file is whole.
create table backup (
	id bigint primary key,
	at bigint not null,
	place text not null,
	bytes bigint not null,
	hash text not null
);

-- Certificates and the account they are got with, shared by all nodes: value is
-- in base64. No backup holds them. A lock is its holder's until its time.
create table certificate (
	name text not null primary key,
	value text not null,
	at bigint not null
);
create table certificate_lock (
	name text not null primary key,
	holder text not null,
	until bigint not null
);
