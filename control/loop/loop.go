// Package loop is what all controllers have in common: a queue of keys, workers, retries with back-off, and
// a stop. A controller is one function, its Reconcile, which brings one object nearer to what is declared;
// the loop calls it again when something that concerns the object has changed, when it asked for it, and
// when it failed. Callers: the packages below control.
package loop

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
)

// Key names what is to be reconciled. Namespace is empty for what has none.
type Key = types.NamespacedName

// A Reconcile function works on one key. It must bear being called too often, and in any order. When it
// returns after > 0 and no error, it is called again after that time; when it returns an error, after a
// back-off that grows.
type Reconcile func(ctx context.Context, key Key) (after time.Duration, err error)

// Back-off of a key that fails.
const (
	firstRetry = 5 * time.Millisecond
	lastRetry  = 60 * time.Second
)

// A Loop runs one Reconcile function. The zero value is of no use; see New.
type Loop struct {
	name      string
	workers   int
	log       *slog.Logger
	queue     workqueue.TypedRateLimitingInterface[Key]
	reconcile Reconcile
}

// New returns a loop with so many workers. Two of them never work on one key at once.
func New(name string, workers int, log *slog.Logger, reconcile Reconcile) *Loop {
	limit := workqueue.NewTypedItemExponentialFailureRateLimiter[Key](firstRetry, lastRetry)
	return &Loop{
		name: name, workers: workers, log: log.With("controller", name), reconcile: reconcile,
		queue: workqueue.NewTypedRateLimitingQueue(limit),
	}
}

// Add asks for the key to be reconciled. It never blocks.
func (l *Loop) Add(key Key) { l.queue.Add(key) }

// AddAfter asks for it after a while.
func (l *Loop) AddAfter(key Key, after time.Duration) { l.queue.AddAfter(key, after) }

// Run works until the context ends and the workers have finished what they are at.
func (l *Loop) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, l.queue.ShutDown)
	defer stop()
	var wait sync.WaitGroup
	for range l.workers {
		wait.Go(func() {
			for l.next(ctx) {
			}
		})
	}
	wait.Wait()
}

func (l *Loop) next(ctx context.Context) bool {
	key, shutdown := l.queue.Get()
	if shutdown {
		return false
	}
	defer l.queue.Done(key)
	after, err := l.guarded(ctx, key)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if !apierrors.IsConflict(err) { // somebody was faster: the next look is at the newer object
			l.log.Warn("trying again", "key", key.String(), "err", err)
		}
		l.queue.AddRateLimited(key)
	default:
		l.queue.Forget(key)
		if after > 0 {
			l.queue.AddAfter(key, after)
		}
	}
	return true
}

// guarded turns a panic of one key into its error.
func (l *Loop) guarded(ctx context.Context, key Key) (after time.Duration, err error) {
	defer func() {
		if v := recover(); v != nil {
			l.log.Error("panic", "key", key.String(), "panic", v, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return l.reconcile(ctx, key)
}
