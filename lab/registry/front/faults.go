package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The kinds of faults, as their files are called.
const (
	gone    = "registry-gone"
	broken  = "registry-broken"
	limited = "registry-limited"
	slow    = "registry-slow"
	cuts    = "registry-cuts"
)

// faults is the folder that says who has which fault: a file ADDRESS/KIND for each, with its value inside. It is read
// anew for each request, so that a fault begins and ends at once and outlives a restart.
type faults string

func (f faults) has(address, kind string) bool {
	_, err := os.Stat(filepath.Join(string(f), address, kind))
	return err == nil
}

// number is the value of a fault; 0 where it has none, or is not there any more.
func (f faults) number(address, kind string) int {
	text, err := os.ReadFile(filepath.Join(string(f), address, kind))
	if err != nil {
		return 0
	}
	value, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return value
}
