// Package builtin makes the chain of all admission plugins, from what they need of the server. It is what
// the front door calls; nothing else imports it.
package builtin

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/defaulttolerationseconds"
	"github.com/nave-k8s/nave/server/admit/eval"
)

// Config is what plugins need.
type Config struct {
	// Reader is how plugins see other objects. New puts an admit.Shared over it.
	Reader admit.Reader
	// Writer is how they change them.
	Writer admit.Writer
	// Authorizer answers what the user may do.
	Authorizer eval.Authorizer
	// Served returns all resources that are served, custom ones too.
	Served func() []*kinds.Resource
	// ResourceOf finds the resource of a kind, custom ones too; nil if there is none.
	ResourceOf func(schema.GroupVersionKind) *kinds.Resource
	// Types knows the structure of objects, for policies that apply configurations.
	Types managedfields.TypeConverter
	// Release is the Kubernetes release that is spoken: "1.37.2".
	Release string
	// Suffix makes n random letters that may stand at the end of a name.
	Suffix func(n int) string

	// WebhookTook hears how long a webhook took, in seconds; nil for nobody.
	WebhookTook func(name, operation string, mutating, refused bool, seconds float64)

	// Enable and Disable are --enable-admission-plugins and --disable-admission-plugins.
	Enable, Disable []string
	// Settings are the configurations of plugins by name, as --admission-control-config-file gives them: YAML
	// or JSON.
	Settings map[string][]byte

	// NotReadySeconds and UnreachableSeconds are --default-not-ready-toleration-seconds and
	// --default-unreachable-toleration-seconds; nil is the default of 300.
	NotReadySeconds, UnreachableSeconds *int64

	// More are plugins that are made elsewhere, because they need more of the server than the above. They are used
	// if they are enabled.
	More []admit.Plugin
}

// New returns the chain of the plugins that are on. A plugin that is named and not supported, or whose
// settings cannot be read, is an error.
func New(c Config) (*admit.Chain, error) {
	names, err := admit.Enabled(c.Enable, c.Disable)
	if err != nil {
		return nil, err
	}
	if c.NotReadySeconds == nil {
		c.NotReadySeconds = defaultSeconds()
	}
	if c.UnreachableSeconds == nil {
		c.UnreachableSeconds = defaultSeconds()
	}
	if _, shared := c.Reader.(*admit.Shared); !shared {
		c.Reader = admit.NewShared(c.Reader)
	}
	makers, more := makers(), map[string]admit.Plugin{}
	for _, p := range c.More {
		more[p.Name()] = p
	}
	var plugins []admit.Plugin
	for _, name := range names {
		if p, ok := more[name]; ok {
			plugins = append(plugins, p)
			continue
		}
		make, ok := makers[name]
		if !ok {
			if defaultOn(name) {
				continue // comes with More, from whoever has what it needs
			}
			return nil, fmt.Errorf("admission plugin %s is not supported", name)
		}
		p, err := make(c)
		if err != nil {
			return nil, fmt.Errorf("admission plugin %s: %w", name, err)
		}
		plugins = append(plugins, p)
	}
	return admit.NewChain(plugins...)
}

func defaultSeconds() *int64 {
	seconds := int64(defaulttolerationseconds.Seconds)
	return &seconds
}

func defaultOn(name string) bool {
	for _, p := range admit.Order() {
		if p.Name == name {
			return p.DefaultOn
		}
	}
	return false
}
