// Package garbage deletes objects whose owners are gone, and sees to it that owners go before, after or
// without what they own, as their deletion asked (background, foreground, orphan). It is
// kube-controller-manager's garbage-collector-controller.
//
// A graph of owners, made of the metadata of every deletable kind, says where to look; every decision is then
// made on what the server says, so that a graph that lags costs a request and never an object.
package garbage

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/record"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "garbage-collector-controller", Alias: "garbagecollector", ServiceAccount: "generic-garbage-collector", Start: start}
}

const (
	workers = 20
	// discoverEvery is how soon kinds that are new are noticed.
	discoverEvery = 5 * time.Second
	// unsynced is how soon a decision is tried again that must not be made on a graph that is incomplete.
	unsynced = 100 * time.Millisecond
	// lag is how long an owner may be unknown before the server is asked for it: kinds are watched one by
	// one, so what is owned may be seen before what owns.
	lag = 300 * time.Millisecond
)

type controller struct {
	metadata  metadata.Interface
	discovery discovery.DiscoveryInterface
	events    record.EventRecorder
	log       *slog.Logger
	now       func() time.Time
	graph     *graph
	loop      *loop.Loop
	absent    *absentOwners

	mu       sync.RWMutex
	kinds    map[kind]*resource     // of every served version
	monitors map[*resource]*monitor // of one version of each kind
}

func start(env control.Env) (func(context.Context), error) {
	client, err := metadata.NewForConfig(env.Config)
	if err != nil {
		return nil, err
	}
	c := &controller{
		metadata: client, discovery: env.Client.Discovery(), log: env.Log, now: env.Now,
		events: env.Recorder("garbage-collector-controller"), absent: newAbsentOwners(), monitors: map[*resource]*monitor{},
	}
	c.loop = loop.New("garbage", workers, env.Log, c.reconcile)
	c.graph = newGraph(c.look, c.lookLater, c.invalid)
	return c.run, nil
}

func (c *controller) run(ctx context.Context) {
	var wait sync.WaitGroup
	defer wait.Wait()
	defer c.stopMonitors()
	c.discover(ctx, &wait)
	if !c.waitForMonitors(ctx) {
		return
	}
	c.graph.start() // from here on it says where to look, at first at all that is suspicious
	wait.Go(func() {
		tick := time.NewTicker(discoverEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				c.discover(ctx, &wait)
			}
		}
	})
	c.loop.Run(ctx)
}

// Keys of the loop are uids: objects to look at, because they may have to go.
func (c *controller) look(uid types.UID)      { c.loop.Add(loop.Key{Name: string(uid)}) }
func (c *controller) lookLater(uid types.UID) { c.loop.AddAfter(loop.Key{Name: string(uid)}, lag) }

// reconcile looks at one object of the graph.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	uid := types.UID(key.Name)
	v, ok := c.graph.view(uid)
	switch {
	case !ok:
		return 0, nil // it is gone
	case v.orphaning:
		if !c.synced() {
			return unsynced, nil
		}
		return 0, c.orphan(ctx, v)
	case v.deleting && !v.foreground:
		return 0, nil // it goes already
	case v.foreground:
		if !c.synced() {
			return unsynced, nil
		}
		return 0, c.foreground(ctx, v)
	case v.fine:
		return 0, nil
	}
	return 0, c.collect(ctx, v)
}
