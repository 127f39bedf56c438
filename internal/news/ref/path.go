package ref

import (
	"net/url"
	"strings"
)

// Path writes an address of the paper: the segments, escaped where they must be.
func Path(segments ...string) string {
	var path strings.Builder
	for _, segment := range segments {
		path.WriteByte('/')
		path.WriteString(url.PathEscape(segment))
	}
	return path.String()
}
