// Broadsheet is a newsroom in one program; see the README.
package main

import (
	"os"

	"broadsheet/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
