-- +goose Up
-- The words of live stories, folded. The row's number is the document's, which
-- grows with the time of publication: newest first needs no sorting.
create virtual table search_word using fts5 (
	headline, standfirst, body,
	content = '', contentless_delete = 1, columnsize = 1, detail = full,
	tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M* S*'"
);
create table search_document (
	document integer primary key,
	story bigint not null,
	edition text not null,
	batch bigint not null
);
create unique index search_story on search_document (story);
