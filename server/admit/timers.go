package admit

import "time"

// A Timer hears how long something took, in seconds, and whether it refused.
type Timer func(seconds float64, rejected bool)

// timed is what is timed together: one way of an operation.
type timed struct {
	op       Operation
	mutating bool
}

// timers are those of the plugins, in the order they run, and of all together.
type timers struct {
	plugins []Timer
	all     Timer
}

// Time has the chain tell how long its plugins take: of returns the timer of a plugin, or of all of an
// operation together for the name "". It is for the time before the first write.
func (c *Chain) Time(of func(name string, op Operation, mutating bool) Timer) {
	c.timers = map[timed]*timers{}
	for op, plugins := range c.mutators {
		t := &timers{all: of("", op, true)}
		for _, p := range plugins {
			t.plugins = append(t.plugins, of(p.Name(), op, true))
		}
		c.timers[timed{op, true}] = t
	}
	for op, plugins := range c.reviews {
		t := &timers{all: of("", op, false)}
		for _, p := range plugins {
			t.plugins = append(t.plugins, of(p.Name(), op, false))
		}
		c.timers[timed{op, false}] = t
	}
}

// clock is one write's way through the plugins. The clock is read once for each.
type clock struct {
	*timers
	began, last time.Time
}

func (t *timers) start() clock {
	if t == nil {
		return clock{}
	}
	now := time.Now()
	return clock{timers: t, began: now, last: now}
}

// took tells how long the plugin took.
func (c *clock) took(plugin int, err error) {
	if c.timers == nil {
		return
	}
	now := time.Now()
	c.plugins[plugin](now.Sub(c.last).Seconds(), err != nil)
	c.last = now
}

// end tells how long all of them took.
func (c *clock) end(err error) {
	if c.timers != nil {
		c.all(c.last.Sub(c.began).Seconds(), err != nil)
	}
}
