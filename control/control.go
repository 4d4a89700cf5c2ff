// Package control runs controllers: those of kube-controller-manager, each a folder below this one and one
// row of All. They see the API through clients alone, each with the service account and the bootstrap role
// that Kubernetes gives it; they read through shared informers. The manager is started by nave up and by
// nave controller-manager; any controller can be left out and replaced by another program.
package control

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/record"
)

// Env is what a controller is started with. Informers are shared: a controller asks for those it needs
// before it returns from its Start function, and the manager starts them.
type Env struct {
	Client    kubernetes.Interface // in the name of the controller's service account
	Config    *rest.Config         // the same, for other kinds of clients
	Informers informers.SharedInformerFactory
	Reader    kubernetes.Interface // in the manager's own name, which may read everything: for other informers
	// Recorder returns what events are written with; component is whose they are said to be.
	Recorder func(component string) record.EventRecorder
	Log      *slog.Logger
	Now      func() time.Time
	Options  Options
}

// Options are flags that concern controllers.
type Options struct {
	RootCA []byte // PEM, published into every namespace
}

// A Controller is one row: how it is called, whose name it works in, and how it is started. Start registers
// its informers and handlers and returns what is then run until the context ends; it must not block.
type Controller struct {
	Name           string // as kube-controller-manager's --controllers knows it
	Alias          string // its older name
	ServiceAccount string // in kube-system
	Off            bool   // unless it is asked for by name
	Start          func(env Env) (run func(ctx context.Context), err error)
}

// Manager runs controllers.
type Manager struct {
	// ConfigFor returns the client configuration of a service account of kube-system; "" is the manager's
	// own, which the informers read with.
	ConfigFor func(serviceAccount string) *rest.Config
	Log       *slog.Logger
	Now       func() time.Time
	Options   Options
	// Enabled is --controllers: names, "*" for all that are on by default, "-name" for off.
	Enabled []string
}

// On reports whether a controller runs under a --controllers list.
func On(list []string, c Controller) bool {
	star := false
	for _, s := range list {
		switch s {
		case c.Name, c.Alias:
			return true
		case "-" + c.Name, "-" + c.Alias:
			return false
		case "*":
			star = true
		}
	}
	return star && !c.Off
}

// CheckNames refuses names in a --controllers list that no controller has.
func CheckNames(list []string, all []Controller) error {
	for _, s := range list {
		name := strings.TrimPrefix(s, "-")
		if name != "*" && !slices.ContainsFunc(all, func(c Controller) bool { return name == c.Name || name == c.Alias }) {
			return fmt.Errorf("--controllers: %q is not the name of a controller", name)
		}
	}
	return nil
}

// Run starts the controllers that are on and blocks until the context ends and all of them have stopped.
func (m *Manager) Run(ctx context.Context, all []Controller) error {
	enabled := m.Enabled
	if len(enabled) == 0 {
		enabled = []string{"*"}
	}
	if err := CheckNames(enabled, all); err != nil {
		return err
	}
	own, err := kubernetes.NewForConfig(m.ConfigFor(""))
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(own, 0, informers.WithTransform(trim))
	events := &events{ctx: ctx}
	defer events.shutdown()
	var runs []func(context.Context)
	for _, c := range all {
		if !On(enabled, c) {
			continue
		}
		config := m.ConfigFor(c.ServiceAccount)
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		run, err := c.Start(Env{
			Client: client, Config: config, Informers: factory, Reader: own, Recorder: events.of(client),
			Log: m.Log.With("controller", c.Name), Now: m.Now, Options: m.Options,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		runs = append(runs, run)
	}
	factory.StartWithContext(ctx)
	defer factory.Shutdown()
	factory.WaitForCacheSync(ctx.Done())
	var wait sync.WaitGroup
	for _, run := range runs {
		wait.Go(func() { run(ctx) })
	}
	wait.Wait()
	return ctx.Err()
}
