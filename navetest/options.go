package navetest

import (
	"log/slog"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
)

// settings are what options set.
type settings struct {
	controllers []string
	objects     []runtime.Object
	now         func() time.Time
	log         *slog.Logger
}

// An Option changes what Start starts.
type Option func(*settings)

// Controllers says which controllers run, as kube-controller-manager's --controllers does: names, "*" for
// those that are on by default, "-NAME" for all but that one. None is no controllers.
func Controllers(names ...string) Option {
	return func(s *settings) { s.controllers = names }
}

// Objects are created before Start returns, in order.
func Objects(objects ...runtime.Object) Option {
	return func(s *settings) { s.objects = append(s.objects, objects...) }
}

// Now is the clock of the control plane; it must not go back. Without it it is the machine's.
func Now(now func() time.Time) Option {
	return func(s *settings) { s.now = now }
}

// Log is where server and controllers log to; without it they do not.
func Log(log *slog.Logger) Option {
	return func(s *settings) { s.log = log }
}
