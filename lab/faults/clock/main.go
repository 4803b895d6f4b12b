// Lets the processes of a droplet see another time than this machine's.
//
// Programs ask for the time without the kernel: by functions that it maps into each of them, the vDSO. This program changes
// these functions in the processes below a given one, so that they ask the kernel and add seconds to its answer. Children
// inherit that; a program that a process executes gets new functions, so it follows all of them with ptrace and changes
// those too before their first instruction. Linux on x86-64 only.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
)

// With this status ends a `set` that is to be tried again, after the processes have run on a little.
const statusBusy = 3

func main() {
	err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	switch {
	case errors.Is(err, errBusy):
		os.Exit(statusBusy)
	case err != nil:
		os.Exit(1)
	}
}

// run is `clock set PID SECONDS`, or `clock follow PID SECONDS`. Both begin while something holds the processes, as the
// freezer of control groups does. With 0 seconds, set gives back the true time. After it, follow says that it follows and
// changes all that they execute, until they are gone or it is ended.
func run(arguments []string) error {
	if len(arguments) != 3 {
		return errors.New("usage: clock set|follow PID SECONDS")
	}
	root, err := strconv.Atoi(arguments[1])
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(arguments[2], 10, 32)
	if err != nil {
		return err
	}
	change, err := newChange(int32(seconds))
	if err != nil {
		return err
	}
	processes, err := descendants(root)
	if err != nil {
		return err
	}
	switch arguments[0] {
	case "set":
		return each(processes, change.apply)
	case "follow":
		// All that concerns ptrace has to come from one thread.
		runtime.LockOSThread()
		if err := each(processes, seize); err != nil {
			return err
		}
		fmt.Println("following")
		return follow(change)
	}
	return fmt.Errorf("%q is neither set nor follow", arguments[0])
}

func each(processes []int, do func(int) error) error {
	for _, process := range processes {
		if err := do(process); err != nil {
			return err
		}
	}
	return nil
}
