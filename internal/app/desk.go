package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/imaging"
	"broadsheet/internal/web/desk"
	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/ui"
)

// buildDesk makes the back office.
func (n *Newsroom) buildDesk(c Config) error {
	look, err := theme.Load(theme.Sources{Layers: []fs.FS{desk.Look()}, Dist: ui.Dist(), Languages: []string{"en", "ar", "fa"}, Pages: desk.Templates})
	if err != nil {
		return fmt.Errorf("load the look of the desk: %w", err)
	}
	n.desk = desk.New(desk.Options{
		DB: n.DB, Desk: n.Desk, Stories: n.Stories, Manuscripts: n.Manuscripts, Index: n.Index, Mint: n.Mint, Look: look,
		Preview: n.site.Draft, Upload: n.takePicture, Now: n.now, TrustedProxy: n.trusted, Origin: strings.TrimSuffix(c.URL, "/"),
	})
	return nil
}

// takePicture makes the renditions of a picture and its record. The same picture is one
// asset, whoever brings it; words that it lacks are taken over.
func (n *Newsroom) takePicture(ctx context.Context, p desk.Picture) (a asset.Asset, err error) {
	sum := sha256.Sum256(p.Bytes)
	a = asset.Asset{ID: ref.New[ref.Asset](n.Mint), Key: hex.EncodeToString(sum[:16]), Kind: asset.Picture, Type: http.DetectContentType(p.Bytes), Credit: p.Credit}
	width, height, made, err := n.draw(p.Bytes)
	if errors.Is(err, imaging.ErrPicture) {
		return a, fmt.Errorf("%w: %w", desk.ErrPicture, err)
	}
	if err != nil {
		return a, err
	}
	a.Width, a.Height = width, height
	for _, r := range made {
		if err := n.Media.Put(ctx, site.MediaKey(a.Key, strconv.Itoa(r.Width)), r.JPEG); err != nil {
			return a, fmt.Errorf("keep a picture: %w", err)
		}
		a.Widths = append(a.Widths, r.Width)
	}
	err = n.DB.Update(ctx, func(tx *db.Tx) error {
		keys, err := asset.Keys(tx)
		if err != nil {
			return err
		}
		if id, known := keys[a.Key]; known {
			all, err := asset.ByID(tx, []ref.Asset{id})
			if err != nil || len(all) == 0 {
				return err
			}
			a = all[0]
			a.Widths = widthsOf(made)
		}
		if a.Credit == "" {
			a.Credit = p.Credit
		}
		if p.Alt != "" || p.Caption != "" {
			words := map[string]asset.Words{}
			for language, w := range a.Words {
				words[language] = w
			}
			own := words[p.Language]
			if own.Alt == "" {
				own.Alt = p.Alt
			}
			if own.Caption == "" {
				own.Caption = p.Caption
			}
			words[p.Language] = own
			a.Words = words
		}
		return asset.Put(tx, a)
	})
	return a, err
}

func widthsOf(made []imaging.Rendition) (all []int) {
	for _, r := range made {
		all = append(all, r.Width)
	}
	return all
}

// What is written becomes a revision after a pause, and while somebody writes on.
const (
	foldEvery  = 5 * time.Second
	foldAfter  = 20 * time.Second
	foldAtOnce = 50
)

// foldWritten makes revisions of what was written and then left for a while, until ctx
// ends. Any node may do it: each story is locked.
func (n *Newsroom) foldWritten(ctx context.Context) {
	tick := time.NewTicker(foldEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := n.fold(ctx, n.now().Add(-foldAfter)); err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrUnavailable) && !errors.Is(err, db.ErrFull) {
			slog.Error("make revisions of what was written", "error", err)
		}
	}
}

// fold makes revisions of what was written before a moment and not since, some at once,
// and tells how many.
func (n *Newsroom) fold(ctx context.Context, before time.Time) (made int, err error) {
	var waiting []ref.Story
	err = n.DB.View(ctx, func(tx *db.Tx) (err error) {
		waiting, err = manuscript.Unfolded(tx, before, foldAtOnce)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range waiting {
		err := n.DB.Update(ctx, func(tx *db.Tx) error {
			_, err := n.Manuscripts.Fold(tx, id)
			if unfit, ok := errors.AsType[*manuscript.Unfit](err); ok {
				slog.Debug("what is written cannot be a revision yet", "story", int64(id), "reason", unfit)
				return nil
			}
			if err == nil {
				made++
			}
			return err
		})
		if err != nil && !errors.Is(err, story.ErrStale) && !errors.Is(err, db.ErrConflict) {
			return made, err
		}
	}
	return made, nil
}

// foldAll makes revisions of all that is written and can be one.
func (n *Newsroom) foldAll(ctx context.Context) error {
	for {
		made, err := n.fold(ctx, n.now().Add(time.Hour))
		if err != nil || made == 0 {
			return err
		}
	}
}

// deskOrigin is where people of the desk come in.
func (n *Newsroom) deskOrigin() string {
	switch {
	case n.config.URL != "":
		return strings.TrimSuffix(n.config.URL, "/")
	case n.served != "":
		return n.served
	}
	return "http://localhost:8080"
}

// inviteFor makes a link by which a person sets up how they sign in.
func (n *Newsroom) inviteFor(tx *db.Tx, id ref.Staff) (string, error) {
	text, err := staff.Invite(tx, staff.Invitation{ID: n.Mint.Next(), Staff: id, Created: n.now(), Expires: n.now().Add(staff.InvitedFromServer)})
	return n.deskOrigin() + desk.Prefix + "welcome/" + text, err
}

// settleWriting makes a save of what people are writing in a story, and has them see what was
// saved elsewhere. What cannot be a save yet stays where it is.
func (n *Newsroom) settleWriting(tx *db.Tx, id ref.Story) error {
	begun, err := manuscript.Begun(tx, id)
	if err != nil || !begun {
		return err
	}
	_, err = n.Manuscripts.Fold(tx, id)
	if _, unfit := errors.AsType[*manuscript.Unfit](err); unfit || errors.Is(err, db.ErrNotFound) {
		return nil // whoever acts says what is not there
	}
	return err
}
