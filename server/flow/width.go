package flow

import (
	"math"
	"strconv"

	"github.com/nave-k8s/nave/server/request"
)

const (
	objectsPerSeat = 100
	mostSeats      = 10
	mostOfLevel    = 0.15 // of a level's nominal seats
)

// width is how many seats a request takes: one for each hundred objects that a list, or a watch that begins
// with one, goes through. Writes take one, whatever watches them: their events are encoded once for all.
func (f *Fair) width(r *request.Request, l *level) int {
	if f.Count == nil || !r.IsResource || r.Name != "" || r.Selected != "" {
		return 1
	}
	switch r.Verb {
	case "list":
	case "watch":
		version := r.Query.Get("resourceVersion")
		if version != "" && version != "0" && !r.Query.Bool("sendInitialEvents") {
			return 1
		}
	default:
		return 1
	}
	n := f.Count(r.Group, r.Resource)
	if limit, err := strconv.Atoi(r.Query.Get("limit")); err == nil && limit > 0 {
		n = min(n, limit)
	}
	if n <= objectsPerSeat {
		return 1
	}
	l.mu.Lock()
	most := int(math.Ceil(float64(l.nominal) * mostOfLevel))
	l.mu.Unlock()
	return max(1, min((n+objectsPerSeat-1)/objectsPerSeat, mostSeats, most))
}
