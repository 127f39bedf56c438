-- +goose Up
create table edition (
	key text not null primary key,
	position bigint not null,
	content text not null
);

create table section (
	id bigint primary key,
	edition text not null,
	slug text not null,
	position bigint not null,
	batch bigint not null,
	content text not null
);
create unique index section_slug on section (edition, slug);

create table topic (
	id bigint primary key,
	focus bigint not null,
	merged bigint not null,
	batch bigint not null,
	content text not null
);
create index topic_focus on topic (focus) where focus > 0;

-- The names by which a topic is found: its own and its aliases, folded, and
-- the slug of its page; one topic for each in a language.
create table topic_name (
	language text not null,
	folded text not null,
	topic bigint not null,
	primary key (language, folded)
);
create table topic_slug (
	language text not null,
	slug text not null,
	topic bigint not null,
	primary key (language, slug)
);

create table author (
	id bigint primary key,
	batch bigint not null,
	content text not null
);
create table author_name (
	language text not null,
	folded text not null,
	author bigint not null,
	primary key (language, folded)
);
create table author_slug (
	language text not null,
	slug text not null,
	author bigint not null,
	primary key (language, slug)
);

create table asset (
	id bigint primary key,
	key text not null,
	batch bigint not null,
	content text not null
);
create unique index asset_key on asset (key);

-- A story's head: what editors work on. Its words are those of its newest
-- revision.
create table story (
	id bigint primary key,
	edition text not null,
	twin bigint not null,
	sequence bigint not null,
	head bigint not null,
	state text not null,
	batch bigint not null
);
create index story_twin on story (twin, edition);
create index story_batch on story (batch) where batch > 0;

create table revision (
	id bigint primary key,
	story bigint not null,
	sequence bigint not null,
	at bigint not null,
	by bigint not null,
	content text not null
);
create unique index revision_story on revision (story, sequence);

-- A publication of a story. Version numbers start at 1 and have no gaps.
create table version (
	story bigint not null,
	number bigint not null,
	revision bigint not null,
	at bigint not null,
	kind text not null,
	note text not null,
	primary key (story, number)
);

-- The published stories, without their bodies: what lists and pages are made
-- of. Names are copied so that a list is one query.
create table live (
	story bigint primary key,
	edition text not null,
	section bigint not null,
	genre text not null,
	slug text not null,
	headline text not null,
	short text not null,
	standfirst text not null,
	kicker text not null,
	byline text not null,
	picture bigint not null,
	published bigint not null,
	updated bigint not null,
	revision bigint not null,
	version bigint not null,
	twin bigint not null,
	batch bigint not null
);
create index live_latest on live (edition, published, story, batch);
create index live_section on live (section, published, story, batch);
create index live_genre on live (edition, genre, published, story, batch);
-- Not a partial index: with one, SQLite would plan the query anew for every value.
create index live_twin on live (twin);

-- What readers may see.
create view published as
select story, edition, section, genre, slug, headline, short, standfirst, kicker, byline,
	picture, published, updated, revision, version, twin
from live
where batch not in (select id from batch where state <> 'live');

create table live_topic (
	topic bigint not null,
	edition text not null,
	published bigint not null,
	story bigint not null,
	position bigint not null,
	primary key (topic, edition, published, story)
);
create index live_topic_story on live_topic (story, position);

create table live_author (
	author bigint not null,
	edition text not null,
	published bigint not null,
	story bigint not null,
	primary key (author, edition, published, story)
);
create index live_author_story on live_author (story);

-- Every slug a story ever had, one story for each in an edition. The address
-- of a live story is its newest; older ones lead on to it.
create table address (
	edition text not null,
	slug text not null,
	story bigint not null,
	primary key (edition, slug)
);

-- Addresses of the system that a story came from: a path with its query.
create table old_address (
	address text not null primary key,
	story bigint not null
);

create table withdrawn (
	story bigint primary key,
	at bigint not null,
	reason text not null
);

create table front (
	edition text not null,
	version bigint not null,
	at bigint not null,
	by bigint not null,
	plan text not null,
	primary key (edition, version)
);

-- What an import brought, by its identity at home, so that a second run adds
-- nothing twice. The hash is of the item as read.
create table import_item (
	edition text not null,
	source text not null,
	item text not null,
	hash text not null,
	story bigint not null,
	sequence bigint not null,
	batch bigint not null,
	primary key (edition, source, item)
);

-- Comments of an import, kept until there is a room for them.
create table import_comment (
	edition text not null,
	source text not null,
	item text not null,
	story bigint not null,
	batch bigint not null,
	content text not null,
	primary key (edition, source, item)
);
