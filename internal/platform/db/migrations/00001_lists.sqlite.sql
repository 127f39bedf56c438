-- +goose Up
-- SQLite has json_each of its own.
select 1;
