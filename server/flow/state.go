package flow

import "slices"

// LevelState is what a level is doing, for metrics and for people.
type LevelState struct {
	Name                    string
	Exempt                  bool
	Nominal, Low, High      int // seats: by shares, and with borrowing at least and at most
	Limit                   int // seats now
	InUse, Waiting, Waiters int // seats taken, seats waited for, requests that wait
	Need                    float64
}

// State returns what every level is doing, sorted by name.
func (f *Fair) State() []LevelState {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []LevelState
	for _, l := range f.levels {
		l.mu.Lock()
		out = append(out, LevelState{
			Name: l.name, Exempt: l.exempt, Nominal: l.nominal, Low: l.low, High: l.high, Limit: l.limit,
			InUse: l.inUse, Waiting: l.waitingFor, Waiters: l.waiting, Need: l.smooth,
		})
		l.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b LevelState) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}
