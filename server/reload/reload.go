// Package reload holds what is read from files that may be replaced while the server runs: certificates, and
// the configuration of who may come in and do what. Callers: server/pki and the stages that have files.
package reload

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// lookEvery is how often files are looked at for changes: not more, however many handshakes there are.
const lookEvery = time.Second

// A File follows what is read from files: when one of them changes it is read again. If that fails, what was
// read before stays. It is looked at by who asks; nothing runs meanwhile.
type File[T any] struct {
	names  []string
	read   func() (*T, error)
	failed func(error)

	value  atomic.Pointer[T]
	looked atomic.Int64 // Unix nanoseconds
	mu     sync.Mutex
	state  string // of the files when they were read
}

// Follow reads the files that are named. failed hears when a later version cannot be read.
func Follow[T any](read func() (*T, error), failed func(error), names ...string) (*File[T], error) {
	f := &File[T]{names: names, read: read, failed: failed}
	f.state = f.stat()
	v, err := read()
	if err != nil {
		return nil, err
	}
	f.value.Store(v)
	f.looked.Store(time.Now().UnixNano())
	return f, nil
}

// Get is what was read last.
func (f *File[T]) Get() *T {
	now, last := time.Now().UnixNano(), f.looked.Load()
	if now-last > int64(lookEvery) && f.looked.CompareAndSwap(last, now) {
		f.look()
	}
	return f.value.Load()
}

func (f *File[T]) look() {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.stat()
	if state == f.state {
		return
	}
	v, err := f.read()
	if err != nil { // perhaps only half of it is written yet: it is tried again
		f.failed(err)
		return
	}
	f.state = state
	f.value.Store(v)
}

func (f *File[T]) stat() (state string) {
	for _, name := range f.names {
		if info, err := os.Stat(name); err == nil {
			state += fmt.Sprintf("%d %d ", info.ModTime().UnixNano(), info.Size())
		}
	}
	return state
}

// Again lets the next Get look at the files, however short the last look is ago.
func (f *File[T]) Again() { f.looked.Store(0) }

// Fixed is a value that does not change.
func Fixed[T any](v *T) *File[T] {
	f := &File[T]{}
	f.value.Store(v)
	f.looked.Store(1<<63 - 1) // never
	return f
}
