package body

import (
	"reflect"
	"testing"
	"time"
)

func TestALiveBodyIsCutIntoItsPosts(t *testing.T) {
	b := Body{
		{"a", Paragraph{Text: T("intro")}}, {"p1", Post{At: at(1), Title: "One", Byline: "Ana Idris"}}, {"b", Paragraph{Text: T("1")}}, {"c", Rule{}},
		{"p2", Post{At: at(2)}}, {"p3", Post{At: at(3), Title: "Three"}}, {"d", Paragraph{Text: T("3")}},
	}
	intro, posts := Posts(b)
	want := []LivePost{{"p1", at(1), "One", "Ana Idris", b[2:4]}, {"p2", at(2), "", "", Body{}}, {"p3", at(3), "Three", "", b[6:]}}
	if !reflect.DeepEqual(intro, b[:1]) || !reflect.DeepEqual(posts, want) {
		t.Errorf("got %v and %v, want %v", intro, posts, want)
	}
	if extended := append(intro, Block{"x", Rule{}}); b[1].Key != "p1" || len(extended) != 2 {
		t.Error("to add to a part changes the whole")
	}
	if intro, posts := Posts(b[:1]); len(posts) != 0 || len(intro) != 1 {
		t.Errorf("a body without posts: got %v and %v", intro, posts)
	}
}

func at(minute int) time.Time { return time.Date(2026, 11, 23, 14, minute, 0, 0, time.UTC) }
