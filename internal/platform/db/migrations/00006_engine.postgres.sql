-- +goose Up
-- A value of a JSON object as text, under the name that SQLite has for it:
-- select json_extract(content, '$.headline'). A path is one key.
-- +goose StatementBegin
create function json_extract(document text, path text) returns text
language sql immutable as 'select document::json ->> substr(path, 3)';
-- +goose StatementEnd

-- The words of a story stay in its row. Out of line they cost what the planner
-- does not see: it would read all rows rather than the index.
alter table search_document alter column words set storage main;
