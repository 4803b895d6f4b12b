package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// What the syscall package lacks.
const (
	ptraceSeize     = 0x4206
	ptraceListen    = 0x4208
	ptraceEventStop = 128
	waitAll         = 0x40000000
)

// descendants are the processes below one, and that one.
func descendants(root int) ([]int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// The name stands in brackets, and may have some of its own.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		parent, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("%s is not understood", file)
		}
		process, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return nil, err
		}
		children[parent] = append(children[parent], process)
	}
	all := []int{root}
	for next := 0; next < len(all); next++ {
		all = append(all, children[all[next]]...)
	}
	return all, nil
}

// seize begins to follow all threads of a process. They run on, and so do their children, which are followed too.
func seize(process int) error {
	threads, err := os.ReadDir(proc(process, "task"))
	if err != nil {
		return ignoreGone(err)
	}
	const options = syscall.PTRACE_O_TRACEFORK | syscall.PTRACE_O_TRACEVFORK | syscall.PTRACE_O_TRACECLONE |
		syscall.PTRACE_O_TRACEEXEC
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return err
		}
		// What can't be followed has ended and waits for its parent.
		if err := ptrace(ptraceSeize, id, options); err != nil && !errors.Is(err, syscall.ESRCH) &&
			!errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("process %d can't be followed: %w", id, err)
		}
	}
	return nil
}

// follow handles whatever the kernel stops a followed thread for, until there is none left.
func follow(change *change) error {
	for {
		var status syscall.WaitStatus
		thread, err := syscall.Wait4(-1, &status, waitAll, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.ECHILD):
			return nil
		case err != nil:
			return err
		case !status.Stopped():
			continue
		}
		resume, signal := uintptr(syscall.PTRACE_CONT), syscall.Signal(0)
		switch event := int(status) >> 16; event {
		case 0:
			// On its way to the process.
			signal = status.StopSignal()
		case syscall.PTRACE_EVENT_EXEC:
			if err := change.apply(thread); err != nil {
				return err
			}
		case ptraceEventStop:
			// Stopped by a signal such as SIGSTOP it stays, until SIGCONT; a new thread stops here once too, and goes on.
			if status.StopSignal() != syscall.SIGTRAP {
				resume = ptraceListen
			}
		}
		if err := ptrace(resume, thread, uintptr(signal)); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
}

func ptrace(request uintptr, thread int, data uintptr) error {
	if _, _, code := syscall.Syscall6(syscall.SYS_PTRACE, request, uintptr(thread), 0, data, 0, 0); code != 0 {
		return code
	}
	return nil
}
