// Package manuscript is a story as it is being written: its document, the steps that
// changed it in their one order for all who write and all nodes, and the saves that
// these are folded into. It makes nothing live, shows nobody anything, and does not
// know who may write.
package manuscript

import (
	_ "embed"
	"fmt"

	"broadsheet/internal/platform/prose"
)

// schemaJSON is the document of a story, for this room and for the editor.
//
//go:embed schema.json
var schemaJSON []byte

// Schema is the document of a story as JSON, for the editor.
func Schema() []byte { return schemaJSON }

// NewSchema reads the schema of stories.
func NewSchema() (*prose.Schema, error) {
	s, err := prose.NewSchema(schemaJSON)
	if err != nil {
		return nil, fmt.Errorf("the schema of manuscripts: %w", err)
	}
	return s, nil
}
