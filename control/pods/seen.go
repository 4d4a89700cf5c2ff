package pods

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/tools/cache"
)

// A Ledger remembers what a controller has written of a kind until its informer has seen it, so that no
// decision is made on a state in which the last one is not yet visible: nothing is made twice. Writes are
// known by their resource versions, which the store of the informer reaches; deletions, whose versions
// clients do not learn, by the uid that is gone or marked as deleted.
type Ledger struct {
	store cache.Indexer
	mu    sync.Mutex
	owed  map[types.NamespacedName]*debt
}

type debt struct {
	version string               // of the newest write
	deleted map[types.UID]string // key in the store, by uid
	since   time.Time
}

// forgive is how long an informer may lag before the controller acts on what it sees all the same.
const forgive = 5 * time.Minute

// NewLedger returns a ledger of writes that show in the store.
func NewLedger(store cache.Indexer) *Ledger {
	return &Ledger{store: store, owed: map[types.NamespacedName]*debt{}}
}

func (l *Ledger) debt(owner types.NamespacedName, now time.Time) *debt {
	d := l.owed[owner]
	if d == nil {
		d = &debt{}
		l.owed[owner] = d
	}
	d.since = now
	return d
}

// Wrote notes an object as it was returned from a write for the owner.
func (l *Ledger) Wrote(owner types.NamespacedName, obj metav1.Object, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.debt(owner, now)
	if d.version == "" || newer(obj.GetResourceVersion(), d.version) {
		d.version = obj.GetResourceVersion()
	}
}

// Deleted notes that an object of the owner was deleted.
func (l *Ledger) Deleted(owner types.NamespacedName, obj metav1.Object, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.debt(owner, now)
	if d.deleted == nil {
		d.deleted = map[types.UID]string{}
	}
	d.deleted[obj.GetUID()] = cache.NewObjectName(obj.GetNamespace(), obj.GetName()).String()
}

// Forget drops what is noted for an owner that is gone.
func (l *Ledger) Forget(owner types.NamespacedName) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.owed, owner)
}

// Settled reports whether everything noted for the owner is visible.
func (l *Ledger) Settled(owner types.NamespacedName, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.owed[owner]
	if d == nil {
		return true
	}
	if now.Sub(d.since) > forgive {
		delete(l.owed, owner)
		return true
	}
	if d.version != "" {
		if newer(d.version, l.store.LastStoreSyncResourceVersion()) {
			return false
		}
		d.version = ""
	}
	for uid, key := range d.deleted {
		if obj, ok, _ := l.store.GetByKey(key); ok {
			if o := obj.(metav1.Object); o.GetUID() == uid && o.GetDeletionTimestamp() == nil {
				return false
			}
		}
		delete(d.deleted, uid)
	}
	delete(l.owed, owner)
	return true
}

// newer compares resource versions; one that does not parse is never newer.
func newer(a, b string) bool {
	if b == "" {
		return a != ""
	}
	c, err := resourceversion.CompareResourceVersion(a, b)
	return err == nil && c > 0
}
