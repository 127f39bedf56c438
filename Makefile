# What can be done here. `make demo` needs Go and nothing else.
export CGO_ENABLED ?= 0
GO ?= go

.PHONY: demo build test check bench screenshots assets fonts pictures

demo: ## the demonstration newsroom on http://localhost:8080
	$(GO) run ./cmd/broadsheet demo

build: ## the program, as ./broadsheet
	$(GO) build -trimpath -ldflags "-s -w" -o broadsheet ./cmd/broadsheet

test: ## every test, on both databases, with the race detector and in a browser
	scripts/install-test-needs
	@CGO_ENABLED=1 scripts/with-postgres $(GO) test -race -count=1 -json -timeout 30m ./... | $(GO) run ./tools/count

check: ## what CI runs: vet, staticcheck, assets up to date, then every test
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(GO) run ./tools/assets -check
	$(MAKE) test

assets: ## style sheets and fonts into ui/dist
	$(GO) run ./tools/assets

fonts: ## cut the fonts again; needs npm and fonttools
	$(GO) run ./tools/fonts

pictures: ## draw the demonstration's pictures again
	$(GO) run ./tools/pictures

bench: ## the benchmarks, side by side with nginx
	bench/run

screenshots: ## every page type, edition, width and theme into out/shots
	$(GO) run ./tools/screenshots

