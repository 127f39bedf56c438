-- +goose Up
-- Topics that some language has a definition of.
alter table topic add column defined bigint not null default 0;
update topic set defined = 1 where content like '%"definition":"%';
create index topic_defined on topic (defined) where defined > 0;

-- The front of a section, as front has it for an edition.
create table section_front (
	section bigint not null,
	version bigint not null,
	at bigint not null,
	by bigint not null,
	plan text not null,
	primary key (section, version)
);

-- A front that is being arranged and not launched yet. section is 0 for an
-- edition's own; over is the version that it was made from; sequence grows by one
-- with every save.
create table front_plan (
	edition text not null,
	section bigint not null,
	sequence bigint not null,
	over bigint not null,
	at bigint not null,
	by bigint not null,
	plan text not null,
	primary key (edition, section)
);
