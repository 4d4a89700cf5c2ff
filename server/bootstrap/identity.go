package bootstrap

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// Labels of a server's lease.
const (
	identityLabel = "apiserver.kubernetes.io/identity"
	identityValue = "kube-apiserver"
	hostnameLabel = "kubernetes.io/hostname"
)

const (
	leaseGroup = coordinationv1.GroupName
	// leaseSeconds is how long a server counts as there after it was last heard of; renewEvery is how often it
	// is heard of, collectEvery how often those that are gone are looked for.
	leaseSeconds = 3600
	renewEvery   = 10 * time.Second
	collectEvery = time.Hour
)

// An Identity tells the cluster which servers there are, each by a Lease in kube-system (KEP-1965).
type Identity struct {
	Objects  Objects
	Hostname string
	Process  string // what tells this run of the server from another on the same host
	Now      func() time.Time
}

// Name is that of the lease.
func (i *Identity) Name() string {
	sum := sha256.Sum256([]byte(i.Hostname))
	return "apiserver-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// Renew makes the lease, or says in it that the server is still there.
func (i *Identity) Renew(ctx context.Context) error {
	now := metav1.NewMicroTime(i.Now().UTC().Truncate(time.Microsecond))
	holder, seconds := i.Name()+"_"+i.Process, int32(leaseSeconds)
	_, err := i.Objects.Set(ctx, leaseGroup, "leases", metav1.NamespaceSystem, i.Name(), func(obj kinds.Object) error {
		lease := obj.(*coordinationv1.Lease)
		lease.Spec.RenewTime, lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds = &now, &holder, &seconds
		return nil
	})
	if !apierrors.IsNotFound(err) {
		return err
	}
	err = i.Objects.Create(ctx, leaseGroup, "leases", &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{
			Name: i.Name(), Namespace: metav1.NamespaceSystem,
			Labels: map[string]string{identityLabel: identityValue, hostnameLabel: i.Hostname},
		},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds, RenewTime: &now},
	})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// Collect removes the leases of servers that have not been heard of for too long.
func (i *Identity) Collect(ctx context.Context) error {
	leases, err := i.Objects.List(ctx, leaseGroup, "leases", metav1.NamespaceSystem)
	if err != nil {
		return err
	}
	for _, obj := range leases {
		lease := obj.(*coordinationv1.Lease)
		if lease.Labels[identityLabel] != identityValue || !expired(lease, i.Now()) {
			continue
		}
		options := &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &lease.UID, ResourceVersion: &lease.ResourceVersion}}
		err := i.Objects.Delete(ctx, leaseGroup, "leases", lease.Namespace, lease.Name, options)
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return err
		}
	}
	return nil
}

func expired(lease *coordinationv1.Lease, now time.Time) bool {
	if lease.Spec.RenewTime == nil || lease.Spec.LeaseDurationSeconds == nil {
		return true
	}
	return lease.Spec.RenewTime.Add(time.Duration(*lease.Spec.LeaseDurationSeconds) * time.Second).Before(now)
}

// Run renews and collects until the context ends. report hears of what fails.
func (i *Identity) Run(ctx context.Context, report func(error)) {
	renew, collect := time.NewTicker(renewEvery), time.NewTicker(collectEvery)
	defer renew.Stop()
	defer collect.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			err = i.Renew(ctx)
		case <-collect.C:
			err = i.Collect(ctx)
		}
		if err != nil && ctx.Err() == nil {
			report(err)
		}
	}
}
