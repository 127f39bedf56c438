package db

import (
	"encoding/json"
	"fmt"
)

// Pack writes a value as the opaque JSON text that a column keeps.
func Pack(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("pack a %T: %w", v, err)
	}
	return string(text), nil
}

// Unpack reads what Pack wrote. It is for the program's own columns; JSON from
// outside goes through the strict decoder.
func Unpack(text string, v any) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("unpack a %T: %w", v, err)
	}
	return nil
}
