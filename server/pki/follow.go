package pki

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// lookEvery is how often files are looked at for changes: not more, however many handshakes there are.
const lookEvery = time.Second

// A file follows what is read from files: when one of them changes it is read again. If that fails, what was
// read before stays. It is looked at by who asks; nothing runs meanwhile.
type file[T any] struct {
	names  []string
	read   func() (*T, error)
	failed func(error)

	value  atomic.Pointer[T]
	looked atomic.Int64 // Unix nanoseconds
	mu     sync.Mutex
	state  string // of the files when they were read
}

func follow[T any](read func() (*T, error), failed func(error), names ...string) (*file[T], error) {
	f := &file[T]{names: names, read: read, failed: failed}
	f.state = f.stat()
	v, err := read()
	if err != nil {
		return nil, err
	}
	f.value.Store(v)
	f.looked.Store(time.Now().UnixNano())
	return f, nil
}

func (f *file[T]) get() *T {
	now, last := time.Now().UnixNano(), f.looked.Load()
	if now-last > int64(lookEvery) && f.looked.CompareAndSwap(last, now) {
		f.look()
	}
	return f.value.Load()
}

func (f *file[T]) look() {
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

func (f *file[T]) stat() (state string) {
	for _, name := range f.names {
		if info, err := os.Stat(name); err == nil {
			state += fmt.Sprintf("%d %d ", info.ModTime().UnixNano(), info.Size())
		}
	}
	return state
}

// A Pair is a certificate and its key in two files, which may be replaced while the server runs.
type Pair struct{ file *file[tls.Certificate] }

// FollowPair reads a pair. failed hears when a later version of it cannot be read.
func FollowPair(cert, key string, failed func(error)) (*Pair, error) {
	f, err := follow(func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", cert, key, err)
		}
		return &pair, nil
	}, failed, cert, key)
	if err != nil {
		return nil, err
	}
	return &Pair{f}, nil
}

// Certificate is the pair as it is now.
func (p *Pair) Certificate() *tls.Certificate { return p.file.get() }

// A Bundle is a file of CA certificates, which may be replaced while the server runs.
type Bundle struct{ file *file[bundle] }

type bundle struct {
	pem  []byte
	pool *x509.CertPool
}

// FollowBundle reads a bundle. failed hears when a later version of it cannot be read.
func FollowBundle(name string, failed func(error)) (*Bundle, error) {
	f, err := follow(func() (*bundle, error) {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return newBundle(name, data)
	}, failed, name)
	if err != nil {
		return nil, err
	}
	return &Bundle{f}, nil
}

// FollowPool is the certificates of several files in one pool; nil without a file.
func FollowPool(failed func(error), names ...string) (func() *x509.CertPool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	f, err := follow(func() (*x509.CertPool, error) {
		pool := x509.NewCertPool()
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if !pool.AppendCertsFromPEM(data) {
				return nil, fmt.Errorf("%s holds no certificate", name)
			}
		}
		return pool, nil
	}, failed, names...)
	if err != nil {
		return nil, err
	}
	return f.get, nil
}

func newBundle(name string, data []byte) (*bundle, error) {
	b := &bundle{pem: data, pool: x509.NewCertPool()}
	if !b.pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s holds no certificate", name)
	}
	return b, nil
}

// Pool is what to verify with. It is the same one until the file changes.
func (b *Bundle) Pool() *x509.CertPool { return b.file.get().pool }

// PEM is the file's content.
func (b *Bundle) PEM() []byte { return b.file.get().pem }

// Bundle is the CA's certificate as a bundle that does not change.
func (a *Authority) Bundle() *Bundle {
	f := &file[bundle]{}
	f.value.Store(&bundle{pem: a.PEM, pool: a.Pool()})
	f.looked.Store(1<<63 - 1) // never
	return &Bundle{f}
}
