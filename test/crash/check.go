package crash

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/watch"
)

// settle holds what is there now against what was acknowledged, decides what was in doubt, and returns what is
// wrong.
func (w *writer) settle(there map[string]version) (wrong []string) {
	for _, name := range w.names {
		s, now := w.stories[name], there[name]
		now.name = name
		want := s.last()
		same := now.mark == want.mark && now.revision == want.revision && now.uid == want.uid
		if want.mark == "" {
			same = now.mark == ""
		}
		switch {
		case same:
			s.doubt = nil // it did not happen
		case s.doubt != nil && now.mark == s.doubt.mark && (now.mark == "" || now.revision > want.revision):
			s.acked, s.doubt = append(s.acked, now), nil // it did
		case s.doubt != nil && s.doubt.mark == "" && now.ending && now.mark == want.mark && now.uid == want.uid:
			s.acked, s.doubt = append(s.acked, now), nil // the first half did
		case s.doubt != nil:
			wrong = append(wrong, fmt.Sprintf("%s %v is there; acknowledged was %v, in doubt %v", w.things.kind(), now, want, *s.doubt))
		default:
			wrong = append(wrong, fmt.Sprintf("%s %v is there; acknowledged was %v", w.things.kind(), now, want))
		}
	}
	return wrong
}

// next begins the stories of the next round.
func (w *writer) next() {
	for _, s := range w.stories {
		*s = story{began: s.last()}
	}
}

// compare holds what a watcher saw of a writer's names against what was written, and returns what is wrong. That a
// pod begins to be deleted is left out.
func (w *writer) compare(seen []change) (wrong []string) {
	byName := map[string][]change{}
	for _, c := range seen {
		if c.ending && c.typ == watch.Modified {
			continue
		}
		if strings.HasPrefix(c.name, w.id+"-") {
			byName[c.name] = append(byName[c.name], c)
		}
	}
	for _, name := range w.names {
		s := w.stories[name]
		got := byName[name]
		for i, want := range s.events() {
			if i >= len(got) || !want.is(got[i]) {
				wrong = append(wrong, fmt.Sprintf("event %d of %s %s:\n  saw   %v\n  wrote %v", i, w.things.kind(), name, got, s.events()))
				break
			}
		}
		if len(got) > len(s.events()) {
			wrong = append(wrong, fmt.Sprintf("events of %s %s:\n  saw   %v\n  wrote %v", w.things.kind(), name, got, s.events()))
		}
	}
	return wrong
}

// events are what a watcher must see of the story.
func (s *story) events() []change {
	var out []change
	before := s.began
	for _, v := range s.acked {
		if v.ending {
			continue
		}
		c := change{watch.Modified, v}
		switch {
		case v.mark == "":
			c.typ, c.mark, c.uid = watch.Deleted, before.mark, before.uid
		case before.mark == "":
			c.typ = watch.Added
		}
		out = append(out, c)
		before = v
	}
	return out
}

// is reports whether the event that is due is the one that came. The revision of a deletion is not in its answer.
func (c change) is(got change) bool {
	return c.typ == got.typ && c.mark == got.mark && c.uid == got.uid && (c.revision == got.revision || c.typ == watch.Deleted)
}

// differ returns how two watchers' views differ.
func differ(a, b []change) string {
	equal := slices.EqualFunc(a, b, func(x, y change) bool { return x.typ == y.typ && x.String() == y.String() && x.uid == y.uid })
	if equal {
		return ""
	}
	for i := range a {
		if i >= len(b) || a[i].String() != b[i].String() {
			return fmt.Sprintf("event %d of %d and %d:\n  one   %v\n  other %v", i, len(a), len(b), a[i], b[min(i, len(b)-1):min(i+1, len(b))])
		}
	}
	return fmt.Sprintf("%d events and %d", len(a), len(b))
}
