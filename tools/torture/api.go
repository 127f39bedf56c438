package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// api asks as one person with a token.
type api struct {
	url, token string
	http       *http.Client
}

func newAPI(url, token string) *api {
	return &api{url: url, token: token, http: &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// call is one request to the API.
type call struct {
	method, path string
	body         any
	key          string
	// match is the sequence that If-Match names; 0 means that there is none.
	match int64
}

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// do asks once. An error means that no whole answer came.
func (a *api) do(ctx context.Context, c call) (answer, error) {
	var body io.Reader
	if c.body != nil {
		text, err := json.Marshal(c.body)
		if err != nil {
			return answer{}, fmt.Errorf("write a call: %w", err)
		}
		body = bytes.NewReader(text)
	}
	q, err := http.NewRequestWithContext(ctx, c.method, a.url+c.path, body)
	if err != nil {
		return answer{}, fmt.Errorf("write a call: %w", err)
	}
	q.Header.Set("Authorization", "Bearer "+a.token)
	if c.body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		q.Header.Set("Idempotency-Key", c.key)
	}
	if c.match > 0 {
		q.Header.Set("If-Match", strconv.Quote(strconv.FormatInt(c.match, 10)))
	}
	return fetched(a.http, q)
}

// fetched asks and reads the answer to its end.
func fetched(client *http.Client, q *http.Request) (answer, error) {
	began := time.Now()
	r, err := client.Do(q)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errGone, err)
	}
	defer r.Body.Close()
	out := answer{status: r.StatusCode, header: r.Header}
	if out.body, err = io.ReadAll(r.Body); err != nil {
		return out, fmt.Errorf("%w: %w", errGone, err)
	}
	out.took = time.Since(began)
	return out, nil
}

// promise is what the answers to writes hold.
type promise struct {
	ID       string `json:"id"`
	Sequence int64  `json:"sequence"`
	Version  int    `json:"version"`
	Address  string `json:"address"`
}

// promised reads what a write promises.
func (a answer) promised() (p promise, err error) {
	if len(bytes.TrimSpace(a.body)) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		return p, fmt.Errorf("read the answer %.200q: %w", a.body, err)
	}
	p.Address = path(p.Address)
	return p, nil
}

// path is an address without scheme and host.
func path(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			return rest[slash:]
		}
	}
	return address
}

// sentence is what a problem says to a person.
func (a answer) sentence() string {
	var problem struct{ Title, Detail string }
	if json.Unmarshal(a.body, &problem) != nil {
		return strings.TrimSpace(string(a.body[:min(len(a.body), 200)]))
	}
	if problem.Detail == "" {
		return problem.Title
	}
	return problem.Detail
}

// desk is how the API tells of a story.
type desk struct {
	ID, State string
	Sequence  int64
	Content   json.RawMessage
	Live      *struct {
		Address string
		Version int
	}
}

// story asks for a draft; a story that is not there is status 404.
func (a *api) story(ctx context.Context, id string) (d desk, status int, err error) {
	out, err := a.do(ctx, call{method: http.MethodGet, path: "/api/v1/stories/" + id})
	if err != nil || out.status != http.StatusOK {
		return d, out.status, err
	}
	if err := json.Unmarshal(out.body, &d); err != nil {
		return d, out.status, fmt.Errorf("read a story: %w", err)
	}
	return d, out.status, nil
}
