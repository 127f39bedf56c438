package app

import (
	"strings"
	"testing"

	"broadsheet/internal/news/redact"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/job"
)

// asked makes a newsroom that nobody serves, with a story that is just
// published, and asks for its redaction.
func asked(t *testing.T, c Config) (id int64) {
	t.Helper()
	n, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	s := &running{Newsroom: n, t: t}
	s.publish(s.write("Zarina at the well"))
	s.must(n.Close())
	for _, user := range []User{{Email: "sara@paper.example", Role: "editor"}, {Email: "omid@paper.example", Role: "publisher"}} {
		_, err := AddUser(t.Context(), c, user)
		s.must(err)
	}
	out, err := Redact(t.Context(), c, RedactOrder{User: "sara@paper.example", Kind: "name", Texts: []string{"Zarina"}, Reason: "safety"})
	s.must(err)
	return out.ID
}

// jobs counts the jobs of a newsroom that somebody took.
func jobs(t *testing.T, c Config) (taken []string) {
	t.Helper()
	n, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	err = n.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		taken, err = db.List(tx, db.Value[string], `select kind from job where attempts > 0 order by id limit 100`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func TestARedactionIsDoneHereWhenNobodyServes(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		id := asked(t, c)
		seen, err := ShowRedaction(t.Context(), c, id)
		if err != nil || seen.State != redact.Waiting || strings.Join(seen.Order.Texts, " ") != "Zarina" || seen.Found.Stories != 1 {
			t.Errorf("while it waits it is %+v, %v", seen, err)
		}
		out, err := ConfirmRedaction(t.Context(), c, SettleOrder{User: "omid@paper.example", ID: id})
		if err != nil || out.State != redact.Done || out.Found.Stories != 1 || len(out.Order.Texts) != 0 {
			t.Errorf("got %+v, %v", out, err)
		}
		if taken := jobs(t, c); len(taken) > 0 {
			t.Errorf("jobs of others were taken: %v", taken)
		}
		s, _ := serving(t, c)
		until(t, "the redaction's job", func() bool {
			waiting := true
			s.must(s.DB.View(t.Context(), func(tx *db.Tx) (err error) {
				waiting, err = job.Waiting(tx, redact.Job)
				return err
			}))
			return !waiting
		})
		// Through the program that serves.
		again, err := Redact(t.Context(), c, RedactOrder{User: "omid@paper.example", Kind: "name", Texts: []string{"Omid"}, Reason: "safety"})
		s.must(err)
		seen, err = ShowRedaction(t.Context(), c, again.ID)
		if err != nil || strings.Join(seen.Order.Texts, " ") != "Omid" || seen.Found.Places == nil {
			t.Errorf("while it waits the program that serves says %+v, %v", seen, err)
		}
	})
}

func TestARedactionIsLeftToTheNodesThatServe(t *testing.T) {
	c := house(t, dbtest.PostgresURL(t)) // an SQLite is served by one program alone
	id := asked(t, c)
	n, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	n.introduce("http://127.0.0.1:1")
	if err := n.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.Close()
	out, err := ConfirmRedaction(t.Context(), c, SettleOrder{User: "omid@paper.example", ID: id})
	if err != nil || out.State != redact.Running || out.Found.Places != nil {
		t.Errorf("got %+v, %v", out, err)
	}
	if taken := jobs(t, c); len(taken) > 0 {
		t.Errorf("jobs were taken: %v", taken)
	}
}
