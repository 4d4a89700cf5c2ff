package cache

import (
	"log/slog"
	"time"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/store"
)

// Config is what New needs to know. Zero sizes mean the defaults.
type Config struct {
	Store  store.Store
	Prefix string // of all keys, with the slash at the end: "/registry/"
	Log    *slog.Logger

	// A resource's log of events keeps at most LogEvents, of LogAge or younger, and LogBytes of values
	// that only the log still holds. What is older is asked of the store.
	LogEvents int
	LogBytes  int
	LogAge    time.Duration
	// EncodedBytes is how much of what Entry.Encoded returned may be kept, over all resources.
	EncodedBytes int
}

const (
	defaultLogEvents    = 16 << 10
	defaultLogBytes     = 16 << 20
	defaultLogAge       = 5 * time.Minute
	defaultEncodedBytes = 96 << 20
)

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.LogEvents == 0 {
		c.LogEvents = defaultLogEvents
	}
	if c.LogBytes == 0 {
		c.LogBytes = defaultLogBytes
	}
	if c.LogAge == 0 {
		c.LogAge = defaultLogAge
	}
	if c.EncodedBytes == 0 {
		c.EncodedBytes = defaultEncodedBytes
	}
	return c
}

// IndexConfig says what an index holds and how to read its values. The functions may be nil, and must not
// keep or change the value; what they cannot read has no labels or fields.
type IndexConfig struct {
	// Key is what stands between the cache's prefix and the slash before a namespace or name: "pods",
	// "services/specs", "apiregistration.k8s.io/apiservices".
	Key    string
	Labels func(key string, value []byte) (labels.Set, error)
	Fields func(key string, value []byte) (fields.Set, error)
}
