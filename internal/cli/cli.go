// Package cli is the command line: one file a command. It reads flags, the
// environment and broadsheet.toml, calls the newsroom and says in one sentence
// what went wrong. It decides nothing itself.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

	"github.com/alecthomas/kong"

	"broadsheet/internal/app"
)

// Exit codes.
const (
	done   = 0
	failed = 1
	usage  = 2
)

// commands is everything that the program can be told.
type commands struct {
	Demo    demo        `cmd:"" help:"Make the demonstration newsroom if the folder is empty, and serve it."`
	Init    initial     `cmd:"" help:"Make an empty newsroom."`
	Serve   serve       `cmd:"" help:"Serve a newsroom."`
	Import  imports     `cmd:"" help:"Bring in stories: all of a file, or nothing of it."`
	Backup  backup      `cmd:"" help:"Write everything into one file, while serving."`
	Restore restore     `cmd:"" help:"Bring a newsroom back from the file of a backup."`
	User    user        `cmd:"" help:"The people of the desk."`
	Token   token       `cmd:"" help:"Tokens of the API."`
	Revoke  revoke      `cmd:"" help:"End tokens at once, on all nodes: those of --all, or of --user ADDRESS."`
	Redact  redaction   `cmd:"" help:"Take from everywhere what law or safety forbids to keep; two people order it."`
	Verify  verifyAudit `cmd:"" name:"verify-audit" help:"Check that nobody tampered with the audit log."`
	Doctor  doctor      `cmd:"" help:"Say what is wrong here, and how to mend it."`
	Theme   look        `cmd:"" help:"The look of the paper."`
	Migrate migrate     `cmd:"" help:"Bring the database to this program's schema."`
	Version version     `cmd:"" help:"Say which build this is."`
}

// call is what every command runs with.
type call struct {
	ctx      context.Context
	out, err io.Writer
	// where are the flags by which this newsroom was named, as they are typed.
	where string
}

// Main runs one command and returns its exit code.
func Main(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Whoever asks a second time means at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, args, out, errs)
	if err == nil {
		return done
	}
	if errors.Is(err, errShown) {
		return done
	}
	var told said
	if !errors.As(err, &told) {
		fmt.Fprintln(errs, "broadsheet:", sentence(err))
	}
	var parse *kong.ParseError
	if errors.As(err, &parse) || errors.Is(err, app.ErrUsage) {
		return usage
	}
	return failed
}

// errShown ends a run that only had to show its help.
var errShown = errors.New("help was shown")

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("broadsheet"),
		kong.Description("A newsroom in one program: a news and analysis site in several languages."),
		kong.Writers(out, errs), kong.Exit(func(int) { panic(errShown) }),
		kong.Resolvers(settings()), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return fmt.Errorf("read the commands: %w", err)
	}
	if err := app.CheckEnvironment(os.Environ()); err != nil {
		return err
	}
	chosen, err := parse(parser, args)
	if err != nil {
		return err
	}
	return chosen.Run(&call{ctx, out, errs, where(chosen)})
}

// parse turns kong's way of ending at once, for --help, into an error.
func parse(parser *kong.Kong, args []string) (chosen *kong.Context, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			if fault != errShown {
				panic(fault)
			}
			err = errShown
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	return parser.Parse(args)
}

// settings resolves a flag that was not given from the environment, then from
// broadsheet.toml in the data folder.
func settings() kong.Resolver {
	files := map[string]map[string]string{}
	return kong.ResolverFunc(func(chosen *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if !configured(flag) {
			return nil, nil
		}
		if value, ok := os.LookupEnv(app.Variable(flag.Name)); ok {
			return value, nil
		}
		if flag.Name == "data" {
			return nil, nil
		}
		data := dataFolder(chosen)
		file, read := files[data]
		if !read {
			var err error
			if file, err = app.FileSettings(data); err != nil {
				return nil, err
			}
			files[data] = file
		}
		if value, ok := file[flag.Name]; ok {
			return value, nil
		}
		return nil, nil
	})
}

// where is the newsroom's place as it was typed: what comes from the environment
// or the file does so for the next command too.
func where(chosen *kong.Context) (typed string) {
	for _, path := range chosen.Path {
		if path.Flag != nil && !path.Resolved && (path.Flag.Name == "data" || path.Flag.Name == "database") {
			typed += " --" + path.Flag.Name + " " + quoted(fmt.Sprint(chosen.FlagValue(path.Flag)))
		}
	}
	return typed
}

// quoted is a text as a shell takes it.
func quoted(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("/.:@_-", c)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// configured tells whether a flag is one of the newsroom's settings: those
// stand in a group of their own.
func configured(flag *kong.Flag) bool { return flag.Group != nil && flag.Group.Key == "newsroom" }

// dataFolder is the data folder as far as the command line has been read.
func dataFolder(chosen *kong.Context) string {
	for _, path := range chosen.Path {
		if path.Flag != nil && path.Flag.Name == "data" {
			return fmt.Sprint(chosen.FlagValue(path.Flag))
		}
	}
	if data, ok := os.LookupEnv(app.Variable("data")); ok {
		return data
	}
	for _, flag := range chosen.Flags() {
		if flag.Name == "data" {
			return flag.Default
		}
	}
	return "data"
}

// sentence says an error in one line: the first reason, without the chain's
// repetitions.
func sentence(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	// What a flag's own setting in the file or the environment got wrong is not
	// the flag's fault.
	if _, reason, ok := strings.Cut(text, app.ErrUsage.Error()+": "); ok {
		return reason
	}
	return text
}
