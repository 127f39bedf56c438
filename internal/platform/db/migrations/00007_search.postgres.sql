-- +goose Up
-- The words of live stories as lexemes: parts of an edition, a kind and a stem. The
-- document's number grows with the time of publication: newest first needs no other
-- column. state is the save that the words are of, version the shape of the entry;
-- facets are what is counted beside the answers.
create table search_entry (
	document bigint primary key,
	story bigint not null,
	edition text not null,
	batch bigint not null,
	state bigint not null,
	version bigint not null,
	facets text not null,
	words tsvector not null default ''
);
create unique index search_entry_story on search_entry (story);
create index search_entry_words on search_entry using gin (words);
-- The words stay in their row: see the engine's migration before.
alter table search_entry alter column words set storage main;
