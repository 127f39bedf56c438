package db

import "context"

// public are the tables and views that pages for readers are made of. Nothing
// else can be read within Public: a hole in a page gives away no draft, no
// address of a person, and no key.
var public = []string{
	"address", "asset", "author", "author_name", "author_slug", "batch", "edition", "front", "live_author", "live_topic", "most_viewed",
	"old_address", "public_text", "published", "redacted", "search_document", "search_entry", "section", "section_front", "topic", "topic_name", "topic_slug",
	"version", "withdrawn",
}

// Public runs fn as View does, on a connection that can read what is public and
// nothing else: SQLite asks an authorizer about each statement, PostgreSQL knows
// the connection by a role of its own. Where the account that the database's
// address names may not make roles, it is not narrowed; see PublicNarrowed.
func (d *DB) Public(ctx context.Context, fn func(*Tx) error) error {
	if d.engine == SQLite {
		return d.gone(d.public.run(ctx, fn))
	}
	return d.gone(d.server.run(ctx, d.server.public, viewing, fn))
}
