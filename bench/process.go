package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// A process whose CPU time and memory are measured; 0 is none, of which nothing is known.
type process int

// tick is the unit of /proc/PID/stat: USER_HZ, which is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpu is the user and system time the process has used.
func (p process) cpu() time.Duration {
	if p == 0 {
		return 0
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", int(p)))
	if err != nil {
		return 0
	}
	return parseCPU(stat)
}

// parseCPU reads fields 14 and 15 of a stat line. The second, the command in brackets, may hold anything.
func parseCPU(stat []byte) time.Duration {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return 0
	}
	fields := bytes.Fields(stat[end+1:])
	const user, system = 14 - 3, 15 - 3
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.Atoi(string(fields[user]))
	s, _ := strconv.Atoi(string(fields[system]))
	return time.Duration(u+s) * tick
}

// memory is what the process has resident, in bytes. Pages of mapped files (etcd's database) are told apart:
// they are the kernel's cache, which it takes back when it needs it.
func (p process) memory() (own, files int64) {
	if p == 0 {
		return 0, 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", int(p)))
	if err != nil {
		return 0, 0
	}
	return parseMemory(status)
}

func parseMemory(status []byte) (own, files int64) {
	for line := range bytes.Lines(status) {
		var kb int64
		if n, _ := fmt.Sscanf(string(line), "RssAnon: %d kB", &kb); n == 1 {
			own = kb << 10
		}
		if n, _ := fmt.Sscanf(string(line), "RssFile: %d kB", &kb); n == 1 {
			files = kb << 10
		}
	}
	return own, files
}

// stopCommand asks a child to end, and makes it if it does not.
func stopCommand(c *exec.Cmd) {
	if c == nil || c.Process == nil {
		return
	}
	c.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	ended := make(chan struct{})
	go func() { c.Wait(); close(ended) }() //nolint:errcheck // whatever it says
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		c.Process.Kill() //nolint:errcheck
		<-ended
	}
}
