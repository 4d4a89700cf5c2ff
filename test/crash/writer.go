package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// A story is what became of one name in a round.
type story struct {
	began version   // before the round
	acked []version // what was acknowledged, in order; of deletions the mark is ""
	doubt *version  // what a write may have left whose answer never came
}

// last is what must be there, doubt aside.
func (s *story) last() version {
	if n := len(s.acked); n > 0 {
		return s.acked[n-1]
	}
	return s.began
}

// A writer works on names of its own, one write after the other, until an answer fails to come.
type writer struct {
	id      string
	things  things
	random  *rand.Rand
	names   []string
	stories map[string]*story
	writes  int // ever
}

func newWriter(id string, t things, random *rand.Rand, names int) *writer {
	w := &writer{id: id, things: t, random: random, stories: map[string]*story{}}
	for i := range names {
		name := fmt.Sprintf("%s-%d", id, i)
		w.names = append(w.names, name)
		w.stories[name] = &story{began: version{name: name}}
	}
	return w
}

// run writes until stop is closed, or an answer does not come. A refusal is an error: nobody else writes to these
// names.
func (w *writer) run(ctx context.Context, stop <-chan struct{}, acknowledged func()) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		s := w.stories[w.names[w.random.IntN(len(w.names))]]
		next, err := w.write(ctx, s.last())
		switch {
		case err == nil:
			s.acked = append(s.acked, next)
			acknowledged()
		case refused(err):
			return fmt.Errorf("writer %s, after %v: %w", w.id, s.last(), err)
		default:
			s.doubt = &next
			return nil
		}
	}
}

// write makes the next change to a name. Where there is an error, the version is what the write would have left.
func (w *writer) write(ctx context.Context, now version) (version, error) {
	w.writes++
	next := version{name: now.name, mark: fmt.Sprintf("%s.%d", w.id, w.writes)}
	var got version
	var err error
	switch dice := w.random.IntN(10); {
	case now.mark == "":
		got, err = w.things.create(ctx, now.name, next.mark)
	case dice < 2, now.ending:
		next.mark = ""
		err = w.things.remove(ctx, now.name)
		got = next
	case dice < 6:
		got, err = w.things.update(ctx, now, next.mark)
	default:
		got, err = w.things.patch(ctx, now.name, next.mark)
	}
	if err != nil {
		return next, err
	}
	switch {
	case got.mark != next.mark:
		return got, fmt.Errorf("%w: wrote %s, the answer has %s", errWrong, next.mark, got.mark)
	case got.mark != "" && got.revision <= now.revision:
		return got, fmt.Errorf("%w: %v is answered with revision %d", errWrong, now, got.revision)
	case got.mark != "" && now.mark != "" && got.uid != now.uid:
		return got, fmt.Errorf("%w: %v changes its uid", errWrong, now)
	}
	return got, nil
}

var errWrong = errors.New("the answer is wrong")

// refused reports an answer that says that nothing was written.
func refused(err error) bool {
	if errors.Is(err, errWrong) {
		return true
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	code := status.Status().Code
	return code >= 400 && code < 500 && code != 408 && code != 429
}
