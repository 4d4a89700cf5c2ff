package serviceaccount

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/kinds"
)

var errInvalidated = errors.New("service account token has been invalidated")

// alive checks that the token is in time and that everything it is bound to is still there, and returns
// the user it stands for.
func (v *Verifier) alive(ctx context.Context, c *Claims) (user authenticationv1.UserInfo, stale string, err error) {
	now := v.Now()
	if err := inTime(&c.Claims, now); err != nil {
		return user, "", err
	}
	b := &c.Kubernetes
	user = UserInfo(b.Namespace, b.ServiceAccount.Name, types.UID(b.ServiceAccount.UID))
	if !v.NoLookup {
		if err := v.bound(ctx, b, now); err != nil {
			return user, "", err
		}
	}
	user.Extra = extraOf(c)
	if w := b.WarnAfter; w != nil && now.After(w.Time()) {
		stale = fmt.Sprintf("subject: %s, seconds after warning threshold: %d", c.Subject, now.Unix()-w.Time().Unix())
	}
	return user, stale, nil
}

func (v *Verifier) bound(ctx context.Context, b *Bound, now time.Time) error {
	sa, err := v.Objects.Get(ctx, "", "serviceaccounts", b.Namespace, b.ServiceAccount.Name)
	if err != nil {
		return err
	}
	if string(sa.GetUID()) != b.ServiceAccount.UID {
		return fmt.Errorf("service account UID (%s) does not match claim (%s)", sa.GetUID(), b.ServiceAccount.UID)
	}
	if gone(sa, now) {
		return errInvalidated
	}
	if b.Secret != nil {
		if err := v.boundTo(ctx, "secrets", b.Namespace, b.Secret, "secret UID (%s) does not match service account secret ref claim (%s)", now); err != nil {
			return err
		}
	}
	if b.Pod != nil {
		return v.boundTo(ctx, "pods", b.Namespace, b.Pod, "pod UID (%s) does not match service account pod ref claim (%s)", now)
	}
	if b.Node != nil {
		return v.boundTo(ctx, "nodes", "", b.Node, "node UID (%s) does not match service account node ref claim (%s)", now)
	}
	return nil
}

func (v *Verifier) boundTo(ctx context.Context, plural, namespace string, ref *Ref, mismatch string, now time.Time) error {
	obj, err := v.Objects.Get(ctx, "", plural, namespace, ref.Name)
	if err != nil {
		return errInvalidated
	}
	if string(obj.GetUID()) != ref.UID {
		return fmt.Errorf(mismatch, obj.GetUID(), ref.UID)
	}
	if gone(obj, now) {
		return errInvalidated
	}
	return nil
}

// gone reports whether an object's deletion is over but for its finalizers: as long as its grace period
// runs, a pod may need its token to end cleanly.
func gone(obj kinds.Object, now time.Time) bool {
	t := obj.GetDeletionTimestamp()
	return t != nil && t.Time.Before(now.Add(-jwt.DefaultLeeway))
}

func extraOf(c *Claims) map[string]authenticationv1.ExtraValue {
	extra := map[string]authenticationv1.ExtraValue{}
	if c.ID != "" {
		extra[CredentialIDKey] = authenticationv1.ExtraValue{CredentialID(c.ID)}
	}
	if p := c.Kubernetes.Pod; p != nil {
		extra[PodNameKey] = authenticationv1.ExtraValue{p.Name}
		extra[PodUIDKey] = authenticationv1.ExtraValue{p.UID}
	}
	if n := c.Kubernetes.Node; n != nil {
		extra[NodeNameKey] = authenticationv1.ExtraValue{n.Name}
		if n.UID != "" {
			extra[NodeUIDKey] = authenticationv1.ExtraValue{n.UID}
		}
	}
	if len(extra) == 0 {
		return nil
	}
	return extra
}
