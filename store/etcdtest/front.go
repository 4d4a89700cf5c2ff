package etcdtest

import (
	"io"
	"net"
	"sync"
)

// front passes connections on to the etcd behind it, so that all of them can be cut at once, as they are
// when a process dies. etcd's own stop waits for watches to end.
type front struct {
	listener net.Listener
	behind   string

	mu    sync.Mutex
	open  []net.Conn
	ended bool
}

func newFront(address, behind string) (*front, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	f := &front{listener: l, behind: behind}
	go f.accept()
	return f, nil
}

func (f *front) accept() {
	for {
		in, err := f.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", f.behind)
		if err != nil {
			in.Close()
			continue
		}
		if !f.hold(in, out) {
			return
		}
		go pass(in, out)
		go pass(out, in)
	}
}

func (f *front) hold(conns ...net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		for _, c := range conns {
			c.Close()
		}
		return false
	}
	f.open = append(f.open, conns...)
	return true
}

func pass(to, from net.Conn) {
	io.Copy(to, from)
	to.Close()
	from.Close()
}

func (f *front) cut() {
	f.listener.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	for _, c := range f.open {
		c.Close()
	}
}
