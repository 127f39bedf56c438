-- +goose Up
-- SQLite has all that the other engine needs made here.
select 1;
