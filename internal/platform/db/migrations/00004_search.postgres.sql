-- +goose Up
-- The words of live stories, folded. The document's number grows with the time
-- of publication: newest first needs no other column.
create table search_document (
	document bigint primary key,
	story bigint not null,
	edition text not null,
	batch bigint not null,
	words tsvector not null
);
create unique index search_story on search_document (story);
create index search_words on search_document using gin (words);
