package request

import (
	"fmt"
	"strings"
	"time"
)

// A Timeline tells which stages a request passed, how long each took and what it decided. It is what
// Server-Timing, traces, audit and "why was I refused" are made of.
type Timeline struct {
	stages []Passage
}

// A Passage is one stage passed. A stage within a stage (admission within a create) has its own.
type Passage struct {
	Stage    string // "authz", "admit", "store", ...
	Start    time.Time
	Duration time.Duration
	Decision string // "allow", "deny", "hit", ...: one word, empty if there was nothing to decide
	Reason   string // for a person
	Ended    bool
}

// Enter notes that a stage begins; the returned function, called once, notes that it ended.
func (t *Timeline) Enter(stage string) (leave func(decision, reason string)) {
	i := len(t.stages)
	t.stages = append(t.stages, Passage{Stage: stage, Start: time.Now()})
	return func(decision, reason string) {
		p := &t.stages[i]
		p.Duration, p.Ended = time.Since(p.Start), true
		p.Decision, p.Reason = decision, reason
	}
}

// Passages returns the stages in the order they were entered. The caller must not change them.
func (t *Timeline) Passages() []Passage { return t.stages }

// ServerTiming is the timeline as the value of a Server-Timing header (W3C Server Timing). Stages that have not
// ended, because a header is written before the body, count as far as they have come.
func (t *Timeline) ServerTiming() string {
	var b strings.Builder
	for i, p := range t.stages {
		if i > 0 {
			b.WriteString(", ")
		}
		took := p.Duration
		if !p.Ended {
			took = time.Since(p.Start)
		}
		fmt.Fprintf(&b, "%s;dur=%.3f", p.Stage, float64(took.Microseconds())/1000)
		if desc := strings.TrimSpace(p.Decision + " " + p.Reason); desc != "" {
			fmt.Fprintf(&b, ";desc=%q", headerSafe(desc))
		}
	}
	return b.String()
}

// headerSafe leaves out what may not stand in a quoted header value.
func headerSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, s)
}
