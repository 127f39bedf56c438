package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Short commands on a newsroom: here, or, when another program serves it,
// through its control socket.

// outcome is what a command came to, as it goes through the socket.
type outcome[Answer any] struct {
	Answer  Answer
	Failure string `json:",omitempty"`
	Usage   bool   `json:",omitempty"`
}

// command runs do on the newsroom of a configuration, by whichever program holds
// it. name is the command's path on the socket; see commands.
func command[Order, Answer any](ctx context.Context, c Config, name string, order Order, do func(*Newsroom, context.Context, Order) (Answer, error)) (answer Answer, err error) {
	newsroom, err := Open(ctx, c)
	if errors.Is(err, ErrHeld) {
		return commanded[Answer](ctx, c.Data, name, order)
	}
	if err != nil {
		return answer, err
	}
	defer newsroom.Close()
	return do(newsroom, ctx, order)
}

// commanded has the program that serves a newsroom run a command.
func commanded[Answer any](ctx context.Context, data, name string, order any) (answer Answer, err error) {
	response, err := newControlClient(data).post(ctx, "/command/"+name, order)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	var out outcome[Answer]
	if err := json.NewDecoder(response.Body).Decode(&out); err != nil {
		return answer, errors.New("the program that serves the newsroom gave no answer; it may be of another version")
	}
	if out.Failure != "" {
		if out.Usage {
			return answer, fmt.Errorf("%w: %s", ErrUsage, out.Failure)
		}
		return answer, errors.New(out.Failure)
	}
	return out.Answer, nil
}

// commandFor answers a command on the socket.
func commandFor[Order, Answer any](n *Newsroom, do func(*Newsroom, context.Context, Order) (Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var order Order
		var out outcome[Answer]
		err := json.NewDecoder(io.LimitReader(r.Body, maxFrame)).Decode(&order)
		if err == nil {
			out.Answer, err = do(n, r.Context(), order)
		}
		if err != nil {
			out.Failure, out.Usage = err.Error(), errors.Is(err, ErrUsage)
		}
		json.NewEncoder(w).Encode(out) // an asker who has gone is no error of ours
	}
}

// commands are the short commands that the socket takes.
func (n *Newsroom) commands(mux *http.ServeMux) {
	mux.HandleFunc("POST /command/user-add", commandFor(n, (*Newsroom).addUser))
	mux.HandleFunc("POST /command/user-list", commandFor(n, (*Newsroom).listUsers))
	mux.HandleFunc("POST /command/user-reset", commandFor(n, (*Newsroom).resetUser))
	mux.HandleFunc("POST /command/user-disable", commandFor(n, (*Newsroom).disableUser))
	mux.HandleFunc("POST /command/token-create", commandFor(n, (*Newsroom).createToken))
	mux.HandleFunc("POST /command/revoke", commandFor(n, (*Newsroom).revoke))
	mux.HandleFunc("POST /command/redact", commandFor(n, (*Newsroom).redact))
	mux.HandleFunc("POST /command/redact-confirm", commandFor(n, (*Newsroom).confirmRedaction))
	mux.HandleFunc("POST /command/redact-refuse", commandFor(n, (*Newsroom).refuseRedaction))
	mux.HandleFunc("POST /command/redact-show", commandFor(n, (*Newsroom).showRedaction))
	mux.HandleFunc("POST /command/verify-audit", commandFor(n, (*Newsroom).verifyAudit))
	mux.HandleFunc("POST /command/backup-begin", commandFor(n, (*Newsroom).beginBackup))
	mux.HandleFunc("POST /command/backup-end", commandFor(n, (*Newsroom).endBackup))
}
