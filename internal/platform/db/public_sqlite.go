package db

import (
	"database/sql"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// authorized has a connection read what is public alone.
func authorized(conn *sql.Conn) error {
	return conn.Raw(func(driver any) error {
		return driver.(interface {
			RegisterAuthorizer(sqlite.AuthorizerFn) error
		}).RegisterAuthorizer(mayRead)
	})
}

// mayRead is an authorizer. What a view reads is asked for in the view's name;
// the full-text index reads its own tables.
func mayRead(action sqlite.AuthorizerActionCode, name, argument, _, view string) sqlite.AuthorizerReturnCode {
	allowed := false
	switch action {
	case sqlite.AuthSelect, sqlite.AuthTransaction, sqlite.AuthFunction, sqlite.AuthRecursive:
		allowed = true
	case sqlite.AuthRead:
		allowed = slices.Contains(public, name) || slices.Contains(public, view) || name == "json_each" || strings.HasPrefix(name, "search_word") || strings.HasPrefix(name, "search_text")
	case sqlite.AuthPragma:
		allowed = name == "data_version" && argument == "" // the full-text index asks
	}
	if !allowed {
		return sqlite.AuthorizerDeny
	}
	return sqlite.AuthorizerOK
}
