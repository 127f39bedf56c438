-- +goose Up
-- The words of live stories as lexemes: parts of an edition, a kind and a stem. A
-- row's number is the document's, which grows with the time of publication: newest
-- first needs no sorting. Lexemes come ready, and are only parted at spaces.
create virtual table search_text using fts5 (
	words,
	content = '', contentless_delete = 1, columnsize = 1, detail = full,
	tokenize = "ascii tokenchars '~=^+$_'"
);
-- state is the save that the words are of, version the shape of the entry; facets
-- are what is counted beside the answers.
create table search_entry (
	document integer primary key,
	story bigint not null,
	edition text not null,
	batch bigint not null,
	state bigint not null,
	version bigint not null,
	facets text not null
);
create unique index search_entry_story on search_entry (story);
