package app

import (
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"

	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/remote"
	"broadsheet/internal/web/site"
)

// Config is how a newsroom is run. Flags beat the environment
// (BROADSHEET_ADDR …), which beats broadsheet.toml in the data folder.
type Config struct {
	// Data is the folder that holds everything on one machine.
	Data string `name:"data" help:"The newsroom's folder." default:"data" placeholder:"DIR"`
	// Addr is where readers are served.
	Addr string `name:"addr" help:"Where to serve readers." default:"localhost:8080" placeholder:"HOST:PORT"`
	// Database is empty for SQLite in the data folder.
	Database string `name:"database" help:"postgres:// URL; SQLite in the data folder when left out." placeholder:"URL"`
	// Media is where pictures are kept; empty for the data folder.
	Media string `name:"media" help:"Where pictures are kept: s3://BUCKET?region=… or file:///…; the data folder when left out." placeholder:"URL"`
	// Bus carries nudges between nodes; empty for a node that is alone or polls.
	Bus string `name:"bus" help:"nats:// URL by which nodes hear of each other at once; within two seconds when left out." placeholder:"URL"`
	// NodeURL is where the other nodes reach this one.
	NodeURL string `name:"node-url" help:"Where other nodes reach this one: http://10.0.0.5:8080; the address it listens on when left out." placeholder:"URL"`
	// AdminAddr serves what operators ask; empty serves it nowhere.
	AdminAddr string `name:"admin-addr" help:"Where to serve /metrics; nowhere when left out." placeholder:"HOST:PORT"`
	// TrustedProxy are the networks whose word for a reader's address counts.
	TrustedProxy []string `name:"trusted-proxy" help:"A network whose X-Forwarded-For is believed; may be given again." placeholder:"CIDR"`
	// Host are the names that the site answers to; see names.
	Host []string `name:"host" help:"A name that the site answers to; may be given again. Those of --tls-host and --url when left out, or else any." placeholder:"NAME"`
	// URL is the public address when a proxy stands before the program.
	URL string `name:"url" help:"The public address, when a proxy stands before the program: https://paper.example." placeholder:"URL"`
	// Theme is a folder whose files stand before the built-in theme's.
	Theme string `name:"theme" help:"A folder of files that stand before the built-in theme's; DATA/theme when it exists." placeholder:"DIR"`
	// Hub is told of news by others; feeds name it.
	Hub string `name:"websub-hub" help:"A WebSub hub that the feeds name: https://hub.example/." placeholder:"URL"`
	// RefuseCrawler are the crawlers that robots.txt refuses.
	RefuseCrawler []string `name:"refuse-crawler" help:"A crawler that robots.txt refuses, by its name: GPTBot; may be given again. Everybody is welcome when left out." placeholder:"NAME"`
	// SecurityContact is where security.txt leads.
	SecurityContact []string `name:"security-contact" help:"Where to tell of a weakness: an e-mail address, https://… or tel:…; may be given again. The page with the paper's addresses when left out." placeholder:"URI"`
	// CacheMB bounds the memory of kept pages, in MiB.
	CacheMB int `name:"cache-mb" help:"Memory for kept pages, in MiB." default:"256" placeholder:"N"`
	// LoftMB bounds the copies of pages on disk, for when the database is away.
	LoftMB int `name:"loft-mb" help:"Disk for copies of pages that answer when the database does not, in MiB; 0 keeps none." default:"4096" placeholder:"N"`
	TLS    `embed:""`
	// Express answers kept pages before net/http sees the request.
	Express bool `name:"express" help:"Answer kept pages straight from the connection." default:"true" negatable:""`
}

// names are the names that the site answers to, in small letters: those of Host,
// or else those that certificates are got for and that of URL. None means any.
func (c Config) names() []string {
	all := trimAll(c.Host)
	if len(all) == 0 {
		all = trimAll(c.TLS.Hosts)
		if at, err := url.Parse(c.URL); err == nil {
			all = append(all, trimAll([]string{at.Hostname()})...)
		}
	}
	return lowered(all)
}

// loopback are the names by which an operator on this machine looks at the site.
var loopback = []string{"localhost", "127.0.0.1", "[::1]"}

// hosts are names, with those of loopback where they were not chosen by Host.
func (c Config) hosts() []string {
	names := c.names()
	if len(names) > 0 && len(trimAll(c.Host)) == 0 {
		names = append(names, loopback...)
	}
	return names
}

// lowered is a list in small letters.
func lowered(texts []string) []string {
	all := make([]string, len(texts))
	for n, text := range texts {
		all[n] = strings.ToLower(text)
	}
	return all
}

// trustedProxies are the networks of TrustedProxy.
func (c Config) trustedProxies() (remote.Proxies, error) {
	var all remote.Proxies
	for _, text := range trimAll(c.TrustedProxy) {
		if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%w: --trusted-proxy takes a network such as 10.0.0.0/8, not %q", ErrUsage, text)
		}
		all = append(all, network)
	}
	return all, nil
}

// crawlerName is a product token (RFC 9309), and the digits and dots that are in
// the names of some.
var crawlerName = regexp.MustCompile(`^[A-Za-z_.0-9-]{1,100}$`)

// refused are the crawlers of RefuseCrawler, each once.
func (c Config) refused() ([]string, error) {
	var all []string
	for _, name := range trimAll(c.RefuseCrawler) {
		if !crawlerName.MatchString(name) {
			return nil, fmt.Errorf("%w: --refuse-crawler takes the name of one crawler, such as GPTBot, not %q", ErrUsage, name)
		}
		if !slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(other, name) }) {
			all = append(all, name)
		}
	}
	return all, nil
}

// contacts are the URIs of SecurityContact.
func (c Config) contacts() ([]string, error) {
	var all []string
	for _, text := range trimAll(c.SecurityContact) {
		uri := text
		if at, err := mail.ParseAddress(text); err == nil && at.Address == text {
			uri = "mailto:" + text
		}
		parsed, err := url.Parse(uri)
		if err != nil || strings.ContainsAny(uri, " \t\r\n") || parsed.Scheme != "mailto" && parsed.Scheme != "tel" && (parsed.Scheme != "https" || parsed.Host == "") || parsed.Opaque+parsed.Host == "" {
			return nil, fmt.Errorf("%w: --security-contact takes an e-mail address, https://… or tel:…, not %q", ErrUsage, text)
		}
		all = append(all, uri)
	}
	return all, nil
}

// hub is the address of Hub.
func (c Config) hub() (string, error) {
	text := strings.TrimSpace(c.Hub)
	at, err := url.Parse(text)
	if text != "" && (err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "") {
		return "", fmt.Errorf("%w: --websub-hub takes an address such as https://hub.example/, not %q", ErrUsage, text)
	}
	return text, nil
}

// standards fills in what the site says to programs.
func (c Config) standards(o *site.Options) (err error) {
	if o.Hub, err = c.hub(); err != nil {
		return err
	}
	if o.Refused, err = c.refused(); err != nil {
		return err
	}
	o.Contacts, err = c.contacts()
	return err
}

// loft is where and how much the site keeps for when the database is away.
func (c Config) loft() site.Loft {
	if c.LoftMB <= 0 {
		return site.Loft{}
	}
	return site.Loft{Folder: filepath.Join(c.Data, "pages"), Bytes: int64(c.LoftMB) << 20}
}

// ErrUsage says that the configuration is wrong: exit code 2.
var ErrUsage = errors.New("wrong usage")

// FileName is the configuration's name in the data folder.
const FileName = "broadsheet.toml"

// keys are the settings that the file and the environment know: all but the
// folder itself, in which the file stands.
func keys() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name := field.Tag.Get("name"); name != "" && name != "data" {
			names = append(names, name)
		}
	}
	return names
}

// FileSettings reads broadsheet.toml: settings by name, as flags have them. A
// file that is not there has none; an unknown key is an error that names the
// nearest known one.
func FileSettings(data string) (map[string]string, error) {
	path := filepath.Join(data, FileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	values, err := toml.Parser().Unmarshal(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUsage, path, err)
	}
	settings := map[string]string{}
	for key, value := range values {
		if !slices.Contains(keys(), key) {
			return nil, fmt.Errorf("%w: %s has an unknown key %q; the nearest known one is %q", ErrUsage, path, key, nearest(key))
		}
		if settings[key], err = asText(value); err != nil {
			return nil, fmt.Errorf("%w: %s: %s: %w", ErrUsage, path, key, err)
		}
	}
	return settings, nil
}

func asText(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case bool:
		return strconv.FormatBool(v), nil
	case []any:
		parts := make([]string, len(v))
		for n, part := range v {
			text, err := asText(part)
			if err != nil {
				return "", err
			}
			parts[n] = text
		}
		return strings.Join(parts, ","), nil
	}
	return "", fmt.Errorf("a text, a number, true or false, or a list of texts is wanted")
}

// Variable is the environment variable of a setting.
func Variable(name string) string {
	return "BROADSHEET_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// CheckEnvironment refuses variables that look like settings and are none.
func CheckEnvironment(environment []string) error {
	for _, pair := range environment {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "BROADSHEET_") || strings.HasPrefix(name, "BROADSHEET_TEST_") || name == "BROADSHEET_CORPUS" || name == "BROADSHEET_DATA" {
			continue
		}
		key := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "BROADSHEET_"), "_", "-"))
		if !slices.Contains(keys(), key) {
			return fmt.Errorf("%w: %s is no setting; the nearest known one is %s", ErrUsage, name, Variable(nearest(key)))
		}
	}
	return nil
}

// nearest is the known key that most likely was meant.
func nearest(key string) string { return lang.Nearest(key, keys()) }
