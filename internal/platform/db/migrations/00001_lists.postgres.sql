-- +goose Up
-- A list of values in one text parameter, under the name that SQLite has for
-- it: select cast(value as bigint) from json_each(cast($1 as text)).
-- +goose StatementBegin
create function json_each(list text) returns table (value text)
language sql immutable as 'select e from json_array_elements_text(list::json) as e';
-- +goose StatementEnd
