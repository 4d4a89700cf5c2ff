package allocate

import "context"

// A transaction collects what must happen once it is known whether the service was written.
type transaction struct {
	ctx    context.Context
	dry    bool // nothing was taken, nothing is to be given back
	onDone []func(ctx context.Context)
	onFail []func(ctx context.Context)
}

// taken says how to give back what was allocated, if the write fails.
func (t *transaction) taken(giveBack func(ctx context.Context)) {
	if !t.dry {
		t.onFail = append(t.onFail, giveBack)
	}
}

// spare says how to give back what the service had, if the write succeeds.
func (t *transaction) spare(giveBack func(ctx context.Context)) {
	if !t.dry {
		t.onDone = append(t.onDone, giveBack)
	}
}

// done ends the transaction. The client may be gone by now: its context does not end this.
func (t *transaction) done(ok bool) {
	todo := t.onFail
	if ok {
		todo = t.onDone
	}
	if len(todo) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), releaseTimeout)
	defer cancel()
	for _, f := range todo {
		f(ctx)
	}
}
