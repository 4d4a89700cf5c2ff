package presence

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/store"
)

// leasePrefix is where living servers have a key, named by their address.
const leasePrefix = "/registry/masterleases/"

func (p *Presence) leaseKey() string { return leasePrefix + p.Address.String() }

// renew writes this server's key again, and so that the database remembers it for a while.
func (p *Presence) renew(ctx context.Context) error {
	for {
		kv, _, err := p.Store.Get(ctx, p.leaseKey())
		if err != nil {
			return err
		}
		value, err := encodeLease(p.Address)
		if err != nil {
			return err
		}
		if kv == nil {
			_, err = p.Store.Create(ctx, p.leaseKey(), value, leaseSeconds)
		} else {
			_, err = p.Store.Update(ctx, p.leaseKey(), value, kv.Revision, leaseSeconds)
		}
		if !lost(err) {
			return err
		}
	}
}

func (p *Presence) forget(ctx context.Context) error {
	for {
		kv, _, err := p.Store.Get(ctx, p.leaseKey())
		if err != nil || kv == nil {
			return err
		}
		if _, err = p.Store.Delete(ctx, p.leaseKey(), kv.Revision); !lost(err) {
			return err
		}
	}
}

// lost reports whether somebody else wrote the key: it expired, or a server of the same address did.
func lost(err error) bool {
	var conflict *store.ConflictError
	var exists *store.ExistsError
	return errors.As(err, &conflict) || errors.As(err, &exists)
}

// living returns the addresses of all living servers, in order.
func (p *Presence) living(ctx context.Context) ([]netip.Addr, error) {
	page, err := p.Store.Range(ctx, store.Range{Prefix: leasePrefix})
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, kv := range page.Items {
		if a, err := netip.ParseAddr(strings.TrimPrefix(kv.Key, leasePrefix)); err == nil {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return out, nil
}

// encodeLease is the key's value: kube-apiserver stores Endpoints there.
func encodeLease(a netip.Addr) ([]byte, error) {
	e := corev1.Endpoints{
		ObjectMeta: metav1.ObjectMeta{Name: a.String()},
		Subsets:    []corev1.EndpointSubset{{Addresses: []corev1.EndpointAddress{{IP: a.String()}}}},
	}
	raw, err := e.Marshal()
	if err != nil {
		return nil, err
	}
	body, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: "Endpoints"}, Raw: raw}).Marshal()
	return append(bytes.Clone([]byte("k8s\x00")), body...), err
}
