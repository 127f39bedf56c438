-- +goose Up
-- A value of a JSON object as text, under the name that SQLite has for it:
-- select json_extract(content, '$.headline'). A path is one key.
-- +goose StatementBegin
create function json_extract(document text, path text) returns text
language sql immutable as 'select document::json ->> substr(path, 3)';
-- +goose StatementEnd
