package server

import (
	"context"
	"math/rand/v2"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/server/allocate"
	"github.com/nave-k8s/nave/server/connect"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/resource"
	"github.com/nave-k8s/nave/store/compact"
)

// repairEvery is how often leaked addresses and ports are looked for.
const repairEvery = 3 * time.Minute

// allocateServices makes the allocator of cluster IPs and node ports an effect of services.
func (s *Server) allocateServices() {
	s.services = allocate.New(allocate.Config{
		Ranges: s.ServiceRanges, NodePorts: s.NodePorts, Reader: s.engine, Objects: serviceObjects{s.engine},
		Store: s.Store, Random: rand.Uint64N, Now: s.Now,
	})
	s.engine.Effects["/services"] = s.services
}

// repairServices looks for leaked addresses and ports until the context ends.
func (s *Server) repairServices(ctx context.Context) error {
	allocate.NewRepairer(s.services).Run(ctx, repairEvery, func(problems []allocate.Problem, err error) {
		for _, p := range problems {
			s.Log.Warn("a service needs a person's repair", "problem", p)
		}
		if err != nil {
			s.Log.Warn("repairing services failed", "err", err)
		}
	})
	return ctx.Err()
}

// leaveTimeout bounds how long a server that stops may take to leave the endpoints.
const leaveTimeout = 300 * time.Millisecond

// bePresent keeps the server among the endpoints of the Service kubernetes until the context ends.
func (s *Server) bePresent(ctx context.Context) error {
	s.presence.Run(ctx, func(err error) { s.Log.Warn("the Service kubernetes could not be kept", "err", err) })
	return ctx.Err()
}

// serviceObjects are the objects that the allocator makes and removes.
type serviceObjects struct{ engine *resource.Engine }

func (o serviceObjects) CreateIPAddress(ctx context.Context, ip *networkingv1.IPAddress) error {
	return o.engine.Create(ctx, networkingv1.GroupName, "ipaddresses", ip)
}

func (o serviceObjects) DeleteIPAddress(ctx context.Context, name string, uid types.UID) error {
	options := &metav1.DeleteOptions{}
	if uid != "" {
		options.Preconditions = &metav1.Preconditions{UID: &uid}
	}
	return o.engine.Delete(ctx, networkingv1.GroupName, "ipaddresses", "", name, options)
}

// connectStreams registers what speaks to nodes, services and pods.
func (s *Server) connectStreams() error {
	handlers, err := connect.Handlers(connect.Config{
		Reader: s.engine, Kubelet: s.Kubelet, Life: s.life, Random: rand.IntN,
		Admit: s.admitConnect, MayCreate: s.mayConnect,
	})
	if err != nil {
		return err
	}
	for name, h := range handlers {
		s.engine.Handlers[handlerKey(name)] = h
	}
	return nil
}

// admitConnect takes the options of a stream through admission.
func (s *Server) admitConnect(ctx context.Context, r *request.Request, options runtime.Object) error {
	a := s.engine.ConnectAttributes(r, options)
	if err := s.engine.Admission.Mutate(ctx, a); err != nil {
		return err
	}
	return s.engine.Admission.Review(ctx, a)
}

// mayConnect decides whether the user of a GET that runs something has the verb create, too.
func (s *Server) mayConnect(ctx context.Context, r *request.Request) error {
	a := r.Attributes()
	a.Verb = "create"
	return s.may(ctx, a)
}

// compact forgets old revisions until the context ends.
func (s *Server) compact(ctx context.Context) error {
	compact.New(s.Store, s.Log).Run(ctx, s.CompactEvery)
	<-ctx.Done() // it has nothing to do if it is off
	return ctx.Err()
}
