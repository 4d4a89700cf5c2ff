package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/kinds"
)

// A task makes one object what it should be.
type task func(ctx context.Context, o Objects) error

// atOnce is how many tasks run at a time.
const atOnce = 32

// together runs tasks side by side and returns what went wrong.
func together(ctx context.Context, o Objects, tasks []task) error {
	var wg sync.WaitGroup
	errs, places := make([]error, len(tasks)), make(chan struct{}, atOnce)
	for i, t := range tasks {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			errs[i] = t(ctx, o)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// create makes an object if it is not there.
func create(group, plural string, want kinds.Object) task { return ensure(group, plural, want, nil) }

// ensure makes an object if it is not there. If it is, correct may change it, and tells whether it did; nil
// leaves it alone.
func ensure(group, plural string, want kinds.Object, correct func(have kinds.Object) bool) task {
	return func(ctx context.Context, o Objects) error {
		namespace, name := want.GetNamespace(), want.GetName()
		have, err := o.Get(ctx, group, plural, namespace, name)
		switch {
		case apierrors.IsNotFound(err):
			if err = o.Create(ctx, group, plural, want); apierrors.IsAlreadyExists(err) {
				err = nil // another server was first
			}
		case err == nil && correct != nil && correct(have):
			err = o.Update(ctx, group, plural, "", namespace, name, func(obj kinds.Object) error {
				correct(obj)
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", plural, name, err)
		}
		return nil
	}
}
