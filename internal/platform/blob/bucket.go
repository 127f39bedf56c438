package blob

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// How long a bucket is waited for, each of three times: until it is reached, and
// until it begins to answer. Who asks can wait less: that is what a context is
// for.
const (
	dialFor   = 3 * time.Second
	answerFor = 15 * time.Second
	againMost = time.Second
)

// silentFor is how long a connection to a bucket may bring nothing while bytes
// are read from it, and take nothing while bytes are sent.
const silentFor = 20 * time.Second

// head is how much of a file Get asks for at once: all of nearly every
// rendition. What is longer is asked for as it is read.
const head = 512 << 10

// sumName is the metadata under which a file's SHA-256 is kept beside it.
const sumName = "sha256"

// bucket keeps files in a bucket that speaks S3.
type bucket struct {
	client *s3.Client
	name   string
	// prefix is before all keys, and ends with a slash when there is one.
	prefix string
}

func openBucket(ctx context.Context, at *url.URL, silent time.Duration) (*bucket, error) {
	q, err := asked(at)
	if err != nil {
		return nil, err
	}
	settings, err := config.LoadDefaultConfig(ctx, options(q)...)
	if err != nil {
		return nil, fmt.Errorf("read the settings for S3: %w", err)
	}
	if settings.Region == "" && q.Get("endpoint") == "" {
		return nil, fmt.Errorf("%w: it needs a region, as in s3://%s?region=eu-central-1, or AWS_REGION set", ErrAddress, at.Host)
	}
	client := s3.NewFromConfig(settings, func(o *s3.Options) {
		if endpoint := q.Get("endpoint"); endpoint != "" {
			o.BaseEndpoint, o.UsePathStyle = &endpoint, true
			o.Region = cmp.Or(o.Region, "us-east-1") // signed, and not looked at
		}
		o.DisableLogOutputChecksumValidationSkipped = true
		if client, ok := o.HTTPClient.(*awshttp.BuildableClient); ok { // with the dialer that the SDK chose
			o.HTTPClient = client.WithTransportOptions(func(t *http.Transport) { endSilence(t, silent) })
		}
	})
	b := &bucket{client: client, name: at.Host}
	if prefix := q.Get("prefix"); prefix != "" {
		b.prefix = strings.TrimSuffix(prefix, "/") + "/"
	}
	return b, nil
}

// asked are the settings in an address, checked.
func asked(at *url.URL) (url.Values, error) {
	q, err := url.ParseQuery(at.RawQuery)
	if err != nil || at.Host == "" || at.User != nil || strings.Trim(at.Path, "/") != "" || at.Fragment != "" {
		return nil, fmt.Errorf("%w: a bucket is written as s3://bucket?region=eu-central-1, its keys are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", ErrAddress)
	}
	for name := range q {
		if !slices.Contains([]string{"endpoint", "region", "prefix"}, name) {
			return nil, fmt.Errorf("%w: it knows endpoint, region and prefix, not %q", ErrAddress, name)
		}
	}
	if prefix := q.Get("prefix"); prefix != "" && !fs.ValidPath(strings.TrimSuffix(prefix, "/")) {
		return nil, fmt.Errorf("%w: %q cannot be before the keys of files", ErrAddress, prefix)
	}
	if endpoint := q.Get("endpoint"); endpoint != "" {
		to, err := url.Parse(endpoint)
		if err != nil || to.Scheme != "https" && to.Scheme != "http" || to.Host == "" || to.User != nil {
			return nil, fmt.Errorf("%w: an endpoint is written as https://s3.paper.example", ErrAddress)
		}
	}
	return q, nil
}

func options(q url.Values) []func(*config.LoadOptions) error {
	client := awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialFor }).
		WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout, t.MaxIdleConnsPerHost = answerFor, 64 })
	all := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = againMost })
		}),
	}
	if region := q.Get("region"); region != "" {
		all = append(all, config.WithRegion(region))
	}
	return all
}

// endSilence gives up connections that stand still. Each has one file at a time,
// whose silence it is then.
func endSilence(t *http.Transport, limit time.Duration) {
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return impatient{conn, limit}, nil
	}
	t.ForceAttemptHTTP2 = false
	t.IdleConnTimeout = limit / 2 // one that nobody uses is silent too, and no fault
}

// impatient is a connection of which every read and every write has a limit.
type impatient struct {
	net.Conn
	limit time.Duration
}

// Read waits for bytes for so long.
func (c impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write waits for bytes to be taken for so long, and lets an answer that is
// waited for take as long again.
func (c impatient) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// close has nothing to do: connections that are not used end by themselves.
func (b *bucket) close() error { return nil }

// at is where the file with a key is.
func (b *bucket) at(key string) (name, at *string) { return &b.name, aws.String(b.prefix + key) }

func (b *bucket) ping(ctx context.Context) error {
	_, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &b.prefix, MaxKeys: aws.Int32(1)})
	return kindOfAnswer(err)
}

// put sends the file in one request, however long it is: one in parts that is
// given up can leave parts in the bucket, which nobody sees and somebody pays.
func (b *bucket) put(ctx context.Context, key string, content io.ReadSeeker) error {
	sum, err := sumOf(content)
	if err != nil {
		return err
	}
	name, at := b.at(key)
	_, err = b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: name, Key: at, Body: struct{ io.ReadSeeker }{content}, // which nobody closes
		ContentType: aws.String("application/octet-stream"),
		Metadata:    map[string]string{sumName: sum},
	})
	return kindOfAnswer(err)
}

// sumOf is the SHA-256 of what content has, which is then read from its
// beginning.
func sumOf(content io.ReadSeeker) (string, error) {
	sum := sha256.New()
	_, err := content.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(sum, content)
	}
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	return inHex(sum), err
}

func inHex(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

func (b *bucket) stat(ctx context.Context, key string) (Info, error) {
	name, at := b.at(key)
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: name, Key: at})
	if err != nil {
		return Info{}, kindOfAnswer(err)
	}
	return Info{Key: key, Size: aws.ToInt64(out.ContentLength), Changed: aws.ToTime(out.LastModified).UTC()}, nil
}

func (b *bucket) delete(ctx context.Context, key string) error {
	name, at := b.at(key)
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: at})
	return kindOfAnswer(err)
}

// each trusts a bucket to list keys in the order of their bytes, as S3 does.
func (b *bucket) each(ctx context.Context, prefix string, do func(Info) error) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: aws.String(b.prefix + prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return kindOfAnswer(err)
		}
		for _, object := range page.Contents {
			key := strings.TrimPrefix(aws.ToString(object.Key), b.prefix)
			if err := do(Info{Key: key, Size: aws.ToInt64(object.Size), Changed: aws.ToTime(object.LastModified).UTC()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// get asks for the head of the file, and in most cases that is all of it. Then
// its SHA-256 is compared before anybody sees a byte, and else as it is read.
func (b *bucket) get(ctx context.Context, key string) (*File, error) {
	first, err := b.part(ctx, key, fmt.Sprintf("bytes=0-%d", head-1))
	if codeOf(err) == "InvalidRange" {
		return b.empty(ctx, key)
	}
	if err != nil {
		return nil, kindOfAnswer(err)
	}
	defer first.Close()
	start, err := io.ReadAll(io.LimitReader(first, head))
	if err != nil {
		return nil, kindOfAnswer(err)
	}
	if first.from != 0 || int64(len(start)) != min(head, first.size) {
		return nil, fmt.Errorf("another part of it came: %w", ErrDamaged)
	}
	r := &remote{start: start, size: first.size, tag: first.tag, want: first.sum, sum: sha256.New()}
	if r.note(start); r.damaged {
		return nil, ErrDamaged
	}
	r.open = func(at int64) (*part, error) { return b.part(ctx, key, fmt.Sprintf("bytes=%d-", at)) }
	return &File{r, Info{Key: key, Size: first.size, Changed: first.changed}}, nil
}

// empty is a file without bytes, which has no part that could be asked for.
func (b *bucket) empty(ctx context.Context, key string) (*File, error) {
	info, err := b.stat(ctx, key)
	if err == nil && info.Size != 0 {
		err = errReplaced
	}
	if err != nil {
		return nil, err
	}
	return &File{&remote{sum: sha256.New()}, info}, nil
}

// errReplaced is what a reader gets of whom half a file is of another version.
var errReplaced = fmt.Errorf("it was replaced while it was read: %w", ErrUnavailable)

// part is a part of a file as it comes. from is its place in the file, size the
// size of the whole.
type part struct {
	io.ReadCloser
	from, size int64
	changed    time.Time
	// tag changes with the file; sum is its SHA-256, empty when another program
	// kept it.
	tag, sum string
}

func (b *bucket) part(ctx context.Context, key, which string) (*part, error) {
	name, at := b.at(key)
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: name, Key: at, Range: &which})
	if err != nil {
		return nil, err
	}
	p := &part{ReadCloser: out.Body, size: aws.ToInt64(out.ContentLength), changed: aws.ToTime(out.LastModified).UTC(), tag: aws.ToString(out.ETag), sum: out.Metadata[sumName]}
	if place := aws.ToString(out.ContentRange); place != "" {
		var to int64
		if _, err := fmt.Sscanf(place, "bytes %d-%d/%d", &p.from, &to, &p.size); err != nil {
			return nil, errors.Join(fmt.Errorf("a part that says it is %q: %w", place, ErrDamaged), out.Body.Close())
		}
	}
	return p, nil
}

// remote reads a file of a bucket. Seeking costs nothing; what was not read is
// not asked for, and the start is asked for once.
type remote struct {
	start []byte
	size  int64
	tag   string
	// open asks for the file from a place on.
	open func(at int64) (*part, error)

	// at is where Read goes on; body, when there is one, gives what is at bodyAt.
	at, bodyAt int64
	body       *part

	// want is the SHA-256 that the file had, empty when nobody knows; sum is over
	// its first summed bytes, which were read in their order.
	want    string
	sum     hash.Hash
	summed  int64
	damaged bool
}

// note adds up what follows the bytes that were added up before, and finds out
// at the end of them all whether the file is what it was.
func (r *remote) note(next []byte) {
	r.sum.Write(next)
	r.summed += int64(len(next))
	r.damaged = r.summed == r.size && r.want != "" && r.want != inHex(r.sum)
}

func (r *remote) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("seek to before the start of a file")
	}
	r.at = offset
	return offset, nil
}

func (r *remote) Read(p []byte) (n int, err error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case r.damaged:
		return 0, ErrDamaged
	case r.at >= r.size:
		return 0, io.EOF
	case r.at < int64(len(r.start)):
		n = copy(p, r.start[r.at:])
		r.at += int64(n)
		return n, nil
	}
	if err := r.reach(); err != nil {
		return 0, kindOfAnswer(err)
	}
	n, err = r.body.Read(p[:min(int64(len(p)), r.size-r.at)])
	if r.at == r.summed {
		if r.note(p[:n]); r.damaged {
			return 0, ErrDamaged
		}
	}
	r.at += int64(n)
	r.bodyAt = r.at
	if err == io.EOF && r.at < r.size {
		err = io.ErrUnexpectedEOF
	}
	if err == io.EOF && n > 0 {
		err = nil
	}
	return n, kindOfAnswer(err)
}

// reach has the body at the place where reading goes on. A short way ahead is
// read over: another question takes longer.
func (r *remote) reach() error {
	if ahead := r.at - r.bodyAt; r.body != nil && ahead >= 0 && ahead <= head {
		n, err := io.CopyN(io.Discard, r.body, ahead)
		r.bodyAt += n
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	body, err := r.open(r.at)
	if err != nil {
		return err
	}
	switch {
	case body.tag != r.tag:
		err = errReplaced
	case body.from != r.at:
		err = fmt.Errorf("another part of it came: %w", ErrDamaged)
	}
	if err != nil {
		return errors.Join(err, body.Close())
	}
	r.body, r.bodyAt = body, r.at
	return nil
}

func (r *remote) Close() error {
	if r.body == nil {
		return nil
	}
	body := r.body
	r.body = nil
	return body.Close()
}

// kindOfAnswer wraps what a bucket says with the kind that callers know.
func kindOfAnswer(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, context.Canceled) {
		return err
	}
	if kind := kindOfCode(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

// kindOfCode follows Amazon's list of S3 error codes, and what others answer
// when they are full. A bucket that is not there is a store that is not there:
// none of its files was deleted.
func kindOfCode(err error) error {
	var response *awshttp.ResponseError
	var network net.Error
	status := 0
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch code := codeOf(err); {
	case code == "NoSuchKey", code == "NotFound":
		return ErrNotFound
	case code == "QuotaExceeded", code == "XMinioStorageFull", status == http.StatusInsufficientStorage:
		return ErrFull
	case code == "NoSuchBucket", status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return ErrUnavailable
	case errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded):
		return ErrUnavailable
	}
	return nil
}

// codeOf is the code of an S3 error, or nothing.
func codeOf(err error) string {
	var said smithy.APIError
	if errors.As(err, &said) {
		return said.ErrorCode()
	}
	return ""
}
