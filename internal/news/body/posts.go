package body

import "time"

// LivePost is one post of a live story.
type LivePost struct {
	Key    Key
	At     time.Time
	Title  string
	Byline string
	Body   Body
}

// Posts cuts the body of a live story into its introduction, which is all that
// stands before the first post, and its posts in the order of the body. All keep
// their keys. b is not changed, and the parts share its blocks.
func Posts(b Body) (intro Body, posts []LivePost) {
	start := 0
	cut := func(end int) {
		part := b[start:end:end]
		if n := len(posts); n > 0 {
			posts[n-1].Body = part
		} else {
			intro = part
		}
		start = end + 1
	}
	for i := range b {
		if p, ok := b[i].Value.(Post); ok {
			cut(i)
			posts = append(posts, LivePost{Key: b[i].Key, At: p.At, Title: p.Title, Byline: p.Byline})
		}
	}
	cut(len(b))
	return intro, posts
}
