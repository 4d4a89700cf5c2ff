package builtin

import (
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/always"
	"github.com/nave-k8s/nave/server/admit/defaulttolerationseconds"
	"github.com/nave-k8s/nave/server/admit/namespacelifecycle"
	"github.com/nave-k8s/nave/server/admit/priority"
	"github.com/nave-k8s/nave/server/admit/serviceaccount"
)

type maker func(Config) (admit.Plugin, error)

// makers are the plugins by name; one line each, in the order of admit.Order.
func makers() map[string]maker {
	return map[string]maker{
		"AlwaysAdmit":        func(Config) (admit.Plugin, error) { return always.Admit{}, nil },
		"NamespaceLifecycle": func(c Config) (admit.Plugin, error) { return namespacelifecycle.New(c.Reader), nil },
		"ServiceAccount":     func(c Config) (admit.Plugin, error) { return serviceaccount.New(c.Reader, c.Suffix), nil },
		"Priority":           func(c Config) (admit.Plugin, error) { return priority.New(c.Reader), nil },
		"DefaultTolerationSeconds": func(c Config) (admit.Plugin, error) {
			return defaulttolerationseconds.New(*c.NotReadySeconds, *c.UnreachableSeconds), nil
		},
		"AlwaysDeny": func(Config) (admit.Plugin, error) { return always.Deny{}, nil },
	}
}
