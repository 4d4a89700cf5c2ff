package allocate

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/core/service"
)

// A taker takes ports, of the stored bits or of nothing (dry run).
type taker interface {
	take(port int32) error
	next() (int32, error)
}

// withPorts runs f, which takes ports for the service and writes them into it, and notes how to give
// them back. f may run several times; each time it finds the service as it was.
func (s *Services) withPorts(ctx context.Context, tx *transaction, svc *corev1.Service, f func(taker) error) error {
	ports, health := slices.Clone(svc.Spec.Ports), svc.Spec.HealthCheckNodePort
	reset := func() { svc.Spec.Ports, svc.Spec.HealthCheckNodePort = slices.Clone(ports), health }
	if tx.dry {
		set, err := s.ports.peek(ctx)
		if err != nil {
			return err
		}
		return f(&dryPorts{set: set})
	}
	var took *counting
	err := s.ports.change(ctx, func(set *portSet) error {
		reset()
		took = &counting{taker: set}
		return f(took)
	})
	if err != nil {
		reset()
		return err
	}
	tx.taken(func(ctx context.Context) { _ = s.ports.release(ctx, took.got) })
	return nil
}

// counting remembers what was taken.
type counting struct {
	taker
	got []int32
}

func (c *counting) take(port int32) error {
	err := c.taker.take(port)
	if err == nil {
		c.got = append(c.got, port)
	}
	return err
}

func (c *counting) next() (int32, error) {
	port, err := c.taker.next()
	if err == nil {
		c.got = append(c.got, port)
	}
	return port, err
}

// dryPorts takes nothing. A port of its own choice is a number that no range has: clients must not believe
// that they would get it.
type dryPorts struct {
	set *portSet
	got []int32
}

const firstDryPort = 32769

func (d *dryPorts) take(port int32) error {
	if d.set.has(port) || slices.Contains(d.got, port) {
		return errPortTaken
	}
	d.got = append(d.got, port)
	return nil
}

func (d *dryPorts) next() (int32, error) {
	port := int32(firstDryPort)
	if len(d.got) > 0 {
		port = slices.Max(d.got) + 1
	}
	d.got = append(d.got, port)
	return port, nil
}

// nodePortsOf returns the node ports that the service has, each once.
func nodePortsOf(svc *corev1.Service) []int32 {
	var out []int32
	for _, p := range service.AllocatedNodePorts(svc) {
		if !slices.Contains(out, p.Port) {
			out = append(out, p.Port)
		}
	}
	return out
}

// createPorts takes the node ports of a new service.
func (s *Services) createPorts(ctx context.Context, tx *transaction, svc *corev1.Service) error {
	if !service.MayHaveNodePorts(svc) {
		return nil
	}
	return s.withPorts(ctx, tx, svc, func(t taker) error {
		if err := initPorts(svc, t); err != nil {
			return err
		}
		if service.NeedsHealthCheckPort(svc) {
			return takeHealthCheck(svc, t)
		}
		return nil
	})
}

// initPorts gives every port a node port. Ports of one number (a DNS server's TCP and UDP) share theirs.
func initPorts(svc *corev1.Service, t taker) error {
	shared := map[int32]int32{}
	for i := range svc.Spec.Ports {
		p := &svc.Spec.Ports[i]
		if p.NodePort == 0 && !service.NeedsNodePorts(svc) {
			continue // what is asked for is given all the same
		}
		has := shared[p.Port]
		switch {
		case has == 0:
			asked := askedFor(svc.Spec.Ports, p.Port)
			if asked == 0 {
				port, err := t.next()
				if err != nil {
					return apierrors.NewInternalError(fmt.Errorf("failed to allocate a nodePort: %v", err))
				}
				asked = port
			} else if err := t.take(asked); err != nil {
				return refusePort(svc, i, asked, err)
			}
			p.NodePort, shared[p.Port] = asked, asked
		case p.NodePort == 0:
			p.NodePort = has
		case p.NodePort != has:
			if err := t.take(p.NodePort); err != nil {
				return refusePort(svc, i, p.NodePort, err)
			}
		}
	}
	return nil
}

// askedFor returns the node port that a port of this number asks for.
func askedFor(list []corev1.ServicePort, port int32) int32 {
	for _, p := range list {
		if p.Port == port && p.NodePort != 0 {
			return p.NodePort
		}
	}
	return 0
}

func refusePort(svc *corev1.Service, i int, port int32, err error) error {
	return invalid(svc, field.Invalid(field.NewPath("spec", "ports").Index(i).Child("nodePort"), port, err.Error()))
}

func takeHealthCheck(svc *corev1.Service, t taker) error {
	if asked := svc.Spec.HealthCheckNodePort; asked != 0 {
		if err := t.take(asked); err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to allocate requested HealthCheck NodePort %v: %v", asked, err))
		}
		return nil
	}
	port, err := t.next()
	if err != nil {
		return apierrors.NewInternalError(fmt.Errorf("failed to allocate a HealthCheck NodePort 0: %v", err))
	}
	svc.Spec.HealthCheckNodePort = port
	return nil
}

// updatePorts takes what is new and notes what is no longer needed.
func (s *Services) updatePorts(ctx context.Context, tx *transaction, svc, old *corev1.Service) error {
	had := nodePortsOf(old) // not those that an ExternalName carries: they were never its own
	needed, needs := service.NeedsHealthCheckPort(old), service.NeedsHealthCheckPort(svc)
	if service.MayHaveNodePorts(svc) {
		err := s.withPorts(ctx, tx, svc, func(t taker) error {
			if err := changePorts(svc, had, t); err != nil {
				return err
			}
			if needs && !needed {
				return takeHealthCheck(svc, t)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	has, spare := nodePortsOf(svc), []int32(nil)
	for _, port := range had {
		if !slices.Contains(has, port) {
			spare = append(spare, port)
		}
	}
	if needed && !needs {
		spare = append(spare, old.Spec.HealthCheckNodePort)
	}
	if len(spare) > 0 {
		tx.spare(func(ctx context.Context) { _ = s.ports.release(ctx, spare) })
	}
	return nil
}

func changePorts(svc *corev1.Service, had []int32, t taker) error {
	type protoPort struct {
		Protocol corev1.Protocol
		NodePort int32
	}
	var seen []protoPort
	var took []int32
	for i := range svc.Spec.Ports {
		p := &svc.Spec.Ports[i]
		if p.NodePort == 0 && !service.NeedsNodePorts(svc) {
			continue
		}
		switch {
		case p.NodePort == 0:
			port, err := t.next()
			if err != nil {
				return apierrors.NewInternalError(fmt.Errorf("failed to allocate a nodePort: %v", err))
			}
			p.NodePort = port
		case !slices.Contains(had, p.NodePort) && !slices.Contains(took, p.NodePort):
			if err := t.take(p.NodePort); err != nil {
				return refusePort(svc, i, p.NodePort, err)
			}
			took = append(took, p.NodePort)
		}
		at := protoPort{p.Protocol, p.NodePort}
		if slices.Contains(seen, at) {
			return fmt.Errorf("duplicate nodePort: %v", at)
		}
		seen = append(seen, at)
	}
	return nil
}
