package fetch

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// unpack reads a body. It is bounded twice, as it comes and as it unpacks:
// neither a bomb nor a stream of empty pieces gets further.
func unpack(response *http.Response, most int64) ([]byte, error) {
	if response.ContentLength > most {
		return nil, ErrTooLarge
	}
	var from io.Reader = &bounded{from: response.Body, left: most}
	switch packed := response.Header.Get("Content-Encoding"); {
	case strings.EqualFold(packed, "gzip"):
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		from = &bounded{from: unpacked, left: most}
	case packed != "" && !strings.EqualFold(packed, "identity"):
		return nil, fmt.Errorf("it is packed with %.20q, which was not asked for", packed)
	}
	return io.ReadAll(from)
}

// bounded reads from another reader and fails with ErrTooLarge when that has
// more than what is left.
type bounded struct {
	from io.Reader
	left int64
}

// Read reads at most one byte beyond the bound, to know that there is one.
func (b *bounded) Read(into []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(into)) > b.left+1 {
		into = into[:b.left+1]
	}
	n, err := b.from.Read(into)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
