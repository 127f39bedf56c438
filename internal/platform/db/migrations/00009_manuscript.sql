-- +goose Up
-- A story as it is being written. doc is the document at base; the steps behind base
-- lead to version. sequence is the draft's save that the document stood for at the
-- version folded.
create table manuscript (
	story bigint primary key,
	version bigint not null,
	base bigint not null,
	folded bigint not null,
	sequence bigint not null,
	changed bigint not null,
	by bigint not null,
	stamp bigint not null,
	doc text not null
);
create index manuscript_unfolded on manuscript (changed) where version > folded;

-- The steps, in the one order that they have for all who write.
create table manuscript_step (
	story bigint not null,
	version bigint not null,
	client text not null,
	by bigint not null,
	at bigint not null,
	step text not null,
	primary key (story, version)
);
