package admit

import (
	"context"
	"fmt"
	"slices"
)

// A Chain is the plugins that are on, in order. It is immutable and used by many goroutines at once.
type Chain struct {
	plugins  []Plugin
	mutators map[Operation][]Mutator
	reviews  map[Operation][]Reviewer
	timers   map[timed]*timers // empty: nobody wants to know
}

// NewChain puts the plugins into the order of Order. A plugin that is not in Order, or is there twice, is an
// error.
func NewChain(plugins ...Plugin) (*Chain, error) {
	place := map[string]int{}
	for i, p := range Order() {
		place[p.Name] = i
	}
	sorted := slices.Clone(plugins)
	for _, p := range sorted {
		if _, ok := place[p.Name()]; !ok {
			return nil, fmt.Errorf("admission plugin %q has no place in the order", p.Name())
		}
	}
	slices.SortStableFunc(sorted, func(a, b Plugin) int { return place[a.Name()] - place[b.Name()] })
	c := &Chain{plugins: sorted, mutators: map[Operation][]Mutator{}, reviews: map[Operation][]Reviewer{}}
	for i, p := range sorted {
		if i > 0 && sorted[i-1].Name() == p.Name() {
			return nil, fmt.Errorf("admission plugin %q is there twice", p.Name())
		}
		for _, op := range []Operation{Create, Update, Delete, Connect} {
			if !p.Handles(op) {
				continue
			}
			if m, ok := p.(Mutator); ok {
				c.mutators[op] = append(c.mutators[op], m)
			}
			if r, ok := p.(Reviewer); ok {
				c.reviews[op] = append(c.reviews[op], r)
			}
		}
	}
	return c, nil
}

// Names returns the names of the plugins, in order.
func (c *Chain) Names() []string {
	out := make([]string, len(c.plugins))
	for i, p := range c.plugins {
		out[i] = p.Name()
	}
	return out
}

// Mutate lets every plugin change a.Object, and stops at the first that refuses. If one asks for it they all get
// a second round, never a third. The timeline of the request gets a passage "mutate" that names who refused.
func (c *Chain) Mutate(ctx context.Context, a *Attributes) error {
	plugins := c.mutators[a.Operation]
	if len(plugins) == 0 {
		return nil
	}
	leave := a.Request.Timeline.Enter("mutate")
	clock := c.timers[timed{a.Operation, true}].start()
	for {
		for i, p := range plugins {
			err := p.Mutate(ctx, a)
			clock.took(i, err)
			if err != nil {
				clock.end(err)
				leave("deny", p.Name()+": "+err.Error())
				return err
			}
		}
		if !a.again || a.Round > 0 {
			break
		}
		a.Round = 1
	}
	clock.end(nil)
	leave("allow", "")
	return nil
}

// Review asks every plugin whether the valid write may happen, and stops at the first that refuses. The
// timeline of the request gets a passage "review" that names it.
func (c *Chain) Review(ctx context.Context, a *Attributes) error {
	plugins := c.reviews[a.Operation]
	if len(plugins) == 0 {
		return nil
	}
	leave := a.Request.Timeline.Enter("review")
	clock := c.timers[timed{a.Operation, false}].start()
	for i, p := range plugins {
		err := p.Review(ctx, a)
		clock.took(i, err)
		if err != nil {
			clock.end(err)
			leave("deny", p.Name()+": "+err.Error())
			return err
		}
	}
	clock.end(nil)
	leave("allow", "")
	return nil
}
