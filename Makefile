# What can be done here. `make demo` needs Go and nothing else.
export CGO_ENABLED ?= 0
GO ?= go

.PHONY: demo build test check torture bench lighthouse screenshots assets fonts icons pictures films

demo: ## the demonstration newsroom on http://localhost:8080
	$(GO) run ./cmd/broadsheet demo

build: ## the program, as ./broadsheet
	$(GO) build -trimpath -ldflags "-s -w" -o broadsheet ./cmd/broadsheet

test: ## every test, on both databases, with the race detector and in a browser
	scripts/install-test-needs
	@scripts/with-postgres scripts/every-test | $(GO) run ./tools/count

check: ## what CI runs: vet, staticcheck, assets up to date, TypeScript, then every test
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	scripts/install-test-needs
	$(GO) run ./tools/assets -check
	node out/needs/node_modules/typescript/bin/tsc -p ui/site
	node out/needs/node_modules/typescript/bin/tsc -p ui/worker
	node out/needs/node_modules/typescript/bin/tsc -p ui/desk
	$(MAKE) test

# One entry a run; those that are skipped count as not passed.
TORTURES = "kill" "kill -database postgres" "powercut" "powercut -fs ext4" "powercut -database postgres" "full" \
	"backup" "backup -database postgres" "views" "views -database postgres" "outage" "outage -freeze" "nodes" \
	"failover" "clock" "visible" "redact" "slow" "probe"

torture: ## the long runs: kill -9, power cuts, failover and the rest; some hours, as root
	scripts/install-torture-needs
	@mkdir -p out && $(GO) build -o out/torture-tool ./tools/torture
	@failed=0; for run in $(TORTURES); do out/torture-tool $$run || { echo "torture: $$run did not pass" >&2; failed=1; }; done; exit $$failed

assets: ## style sheets, scripts and fonts into ui/dist
	scripts/install-test-needs
	$(GO) run ./tools/assets

fonts: ## cut the fonts again; needs npm and fonttools
	$(GO) run ./tools/fonts

icons: ## draw the icons again, then bundle them
	$(GO) run ./tools/icons
	$(GO) run ./tools/assets

pictures: ## draw the demonstration's pictures again
	$(GO) run ./tools/pictures

films: ## draw and encode the demonstration's films again; needs ffmpeg
	$(GO) run ./tools/films

bench: ## the benchmarks, side by side with nginx
	bench/run

lighthouse: ## Lighthouse on a phone: front, story, topic, search, section in all editions; a quarter of an hour
	scripts/install-test-needs
	$(GO) run ./tools/lighthouse

screenshots: ## every page type, edition, width and theme into out/shots
	$(GO) run ./tools/screenshots

