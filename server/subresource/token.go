package subresource

import (
	"context"
	"fmt"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
)

// TokenConfig is how tokens of service accounts are made.
type TokenConfig struct {
	Signer    TokenSigner
	Audiences []string // of this server: of tokens that name none
	// MaxSeconds bounds what a client may ask for (--service-account-max-token-expiration); 0: nothing does.
	MaxSeconds int64
	// Extend: the tokens that kubelets ask for on behalf of pods live for a year, and are noted as stale
	// after their hour (--service-account-extend-token-expiration).
	Extend bool
}

// A TokenSigner signs.
type TokenSigner interface {
	Sign(serviceaccount.Claims) (string, error)
}

const (
	defaultTokenSeconds = 60 * 60
	minTokenSeconds     = 10 * 60
	maxTokenSeconds     = 1 << 32
	// extendedSeconds is how long extended tokens live, extensibleSeconds what is asked for by those who
	// get one: kubelets ask for exactly this where a pod did not say otherwise.
	extendedSeconds   = 365 * 24 * 60 * 60
	extensibleSeconds = 60*60 + 7
)

// tokenRequest serves serviceaccounts/token.
type tokenRequest struct {
	reader Reader
	now    Clock
	config TokenConfig
}

var tokenKind = schema.GroupKind{Group: authenticationv1.GroupName, Kind: "TokenRequest"}

func defaultTokenRequest(obj runtime.Object) {
	r := obj.(*authenticationv1.TokenRequest)
	if r.Spec.ExpirationSeconds == nil {
		seconds := int64(defaultTokenSeconds)
		r.Spec.ExpirationSeconds = &seconds
	}
}

func (t *tokenRequest) create(ctx context.Context, c *Call) (runtime.Object, error) {
	r := c.Object.(*authenticationv1.TokenRequest)
	meta := field.NewPath("metadata")
	if r.Name != "" && r.Name != c.Name {
		return nil, apierrors.NewInvalid(tokenKind, c.Name, field.ErrorList{field.Invalid(meta.Child("name"), r.Name, "must match the service account name if specified")})
	}
	if r.Namespace != "" && r.Namespace != c.Namespace {
		return nil, apierrors.NewInvalid(tokenKind, c.Name, field.ErrorList{field.Invalid(meta.Child("namespace"), r.Namespace, "must match the service account namespace if specified")})
	}
	obj, err := t.reader.Get(ctx, "", "serviceaccounts", c.Namespace, c.Name)
	if err != nil {
		return nil, err
	}
	sa := obj.(*corev1.ServiceAccount)
	if r.UID != "" && r.UID != sa.UID {
		return nil, apierrors.NewConflict(schema.GroupResource{Group: tokenKind.Group, Resource: tokenKind.Kind}, c.Name,
			fmt.Errorf("the UID in the token request (%s) does not match the UID of the service account (%s)", r.UID, sa.UID))
	}
	if len(r.Spec.Audiences) == 0 {
		r.Spec.Audiences = t.config.Audiences
	}
	now := t.now()
	r.Name, r.Namespace, r.UID = sa.Name, sa.Namespace, sa.UID
	r.CreationTimestamp = metav1.NewTime(now)
	r.Status = authenticationv1.TokenRequestStatus{}
	if errs := validateTokenRequest(r); len(errs) > 0 {
		return nil, apierrors.NewInvalid(tokenKind, "", errs)
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}

	grant := serviceaccount.Grant{ServiceAccount: sa, Audiences: r.Spec.Audiences, ID: string(uuid.NewUUID())}
	if err := t.bind(ctx, c, r.Spec.BoundObjectRef, &grant); err != nil {
		return nil, err
	}
	if limit := t.config.MaxSeconds; limit > 0 && *r.Spec.ExpirationSeconds > limit {
		c.Request.Warn(fmt.Sprintf("requested expiration of %d seconds shortened to %d seconds", *r.Spec.ExpirationSeconds, limit))
		r.Spec.ExpirationSeconds = &limit
	}
	t.expiry(*r.Spec.ExpirationSeconds, &grant)
	token, err := t.config.Signer.Sign(serviceaccount.NewClaims(grant, now))
	if err != nil {
		return nil, fmt.Errorf("failed to generate token: %w", err)
	}
	c.Request.Annotate(serviceaccount.IssuedCredentialIDAnnotation, serviceaccount.CredentialID(grant.ID))
	r.Status.Token = token
	// What the client is told is the time it asked for, even if the token lives longer.
	r.Status.ExpirationTimestamp = metav1.NewTime(now.Add(seconds(*r.Spec.ExpirationSeconds)))
	return r, nil
}

func validateTokenRequest(r *authenticationv1.TokenRequest) field.ErrorList {
	at := field.NewPath("spec", "expirationSeconds")
	var errs field.ErrorList
	switch asked := *r.Spec.ExpirationSeconds; {
	case asked < minTokenSeconds:
		errs = append(errs, field.Invalid(at, asked, "may not specify a duration less than 10 minutes"))
	case asked > maxTokenSeconds:
		errs = append(errs, field.Invalid(at, asked, "may not specify a duration larger than 2^32 seconds"))
	}
	return errs
}

// bind puts what the token is bound to into the grant.
func (t *tokenRequest) bind(ctx context.Context, c *Call, ref *authenticationv1.BoundObjectReference, g *serviceaccount.Grant) error {
	if ref == nil {
		return nil
	}
	gvk := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind)
	plural, namespace := map[string]string{"Pod": "pods", "Node": "nodes", "Secret": "secrets"}[gvk.Kind], c.Namespace
	if gvk.Group != "" || plural == "" {
		return apierrors.NewBadRequest(fmt.Sprintf("cannot bind token to object of type %s", gvk.String()))
	}
	if gvk.Kind == "Node" {
		namespace = ""
	}
	if err := pathName(ref.Name); err != nil {
		return err
	}
	obj, err := t.reader.Get(ctx, "", plural, namespace, ref.Name)
	if err != nil {
		return err
	}
	var uid types.UID
	switch o := obj.(type) {
	case *corev1.Pod:
		if o.Spec.ServiceAccountName != c.Name {
			return apierrors.NewBadRequest(fmt.Sprintf("cannot bind token for serviceaccount %q to pod running with different serviceaccount name.", c.Name))
		}
		g.Pod, uid = o, o.UID
		if g.Node, err = t.nodeOf(ctx, o); err != nil {
			return err
		}
	case *corev1.Node:
		g.Node, uid = o, o.UID
	case *corev1.Secret:
		g.Secret, uid = o, o.UID
	}
	if ref.UID != "" && ref.UID != uid {
		return apierrors.NewConflict(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, ref.Name,
			fmt.Errorf("the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated", ref.UID))
	}
	return nil
}

// nodeOf returns the pod's node, by name alone if there is no such node, nil if the pod has none.
func (t *tokenRequest) nodeOf(ctx context.Context, pod *corev1.Pod) (*corev1.Node, error) {
	if pod.Spec.NodeName == "" {
		return nil, nil
	}
	obj, err := t.reader.Get(ctx, "", "nodes", "", pod.Spec.NodeName)
	if apierrors.IsNotFound(err) {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: pod.Spec.NodeName}}, nil
	}
	if err != nil {
		return nil, err
	}
	return obj.(*corev1.Node), nil
}

// expiry says how long the token lives.
func (t *tokenRequest) expiry(asked int64, g *serviceaccount.Grant) {
	g.Seconds = asked
	if !t.config.Extend || g.Pod == nil || asked != extensibleSeconds || !allOwn(g.Audiences, t.config.Audiences) {
		return
	}
	g.WarnAfter, g.Seconds = asked, extendedSeconds
	if limit := t.config.MaxSeconds; limit > 0 && limit < g.Seconds {
		g.Seconds = limit
	}
}

// allOwn reports whether every audience asked for is one of the server's own.
func allOwn(asked, own []string) bool {
	for _, a := range asked {
		if !slices.Contains(own, a) {
			return false
		}
	}
	return len(asked) > 0
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }
