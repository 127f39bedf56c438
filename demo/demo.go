// Package demo carries the demonstration newsroom: stories in three languages,
// written for this project, and pictures drawn by a program of it. It holds
// files and no code that reads them.
package demo

import "embed"

// Files are the stories, the house texts and the pictures.
//
//go:embed stories house pictures films files
var Files embed.FS
