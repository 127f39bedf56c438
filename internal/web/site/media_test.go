package site

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"broadsheet/internal/platform/blob"
)

func TestAPictureIsNotWaitedForWithoutEnd(t *testing.T) {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	free := make(chan struct{})
	bucket := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
	defer bucket.Close()
	defer close(free)
	store, err := blob.OpenURL(t.Context(), "s3://paper?endpoint="+url.QueryEscape(bucket.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	answered := make(chan int)
	go func() {
		w := httptest.NewRecorder()
		media(store, 50*time.Millisecond).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/media/0123456789abcdef/640.jpg", nil))
		answered <- w.Code
	}()
	select {
	case status := <-answered:
		if status != http.StatusServiceUnavailable {
			t.Errorf("got %d, want %d", status, http.StatusServiceUnavailable)
		}
	case <-time.After(10 * time.Second): // less than the store itself would wait
		t.Error("a reader still waits for a bucket that hangs")
	}
}
