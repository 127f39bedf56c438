-- +goose Up
-- SQLite has json_extract of its own.
select 1;
