package serviceaccount

import (
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Claims is what a token says.
type Claims struct {
	jwt.Claims
	Kubernetes Bound `json:"kubernetes.io,omitzero"`
	Legacy
}

// Bound is the claim kubernetes.io: the objects that a token lives and dies with. A node beside a pod is
// for information alone.
type Bound struct {
	Namespace      string           `json:"namespace,omitempty"`
	Node           *Ref             `json:"node,omitempty"`
	Pod            *Ref             `json:"pod,omitempty"`
	Secret         *Ref             `json:"secret,omitempty"`
	ServiceAccount Ref              `json:"serviceaccount"`
	WarnAfter      *jwt.NumericDate `json:"warnafter,omitempty"`
}

// Ref names an object of the token's namespace, or a node.
type Ref struct {
	Name string `json:"name,omitempty"`
	UID  string `json:"uid,omitempty"`
}

// Grant is what a token is made for. Of Pod, Secret and Node at most one is what it is bound to; Node
// beside Pod is the pod's.
type Grant struct {
	ServiceAccount *corev1.ServiceAccount
	Pod            *corev1.Pod
	Secret         *corev1.Secret
	Node           *corev1.Node
	Audiences      []string
	Seconds        int64 // until it expires
	WarnAfter      int64 // until its use is noted as stale; 0 for never
	ID             string
}

// NewClaims says it in a token. The issuer is the signer's.
func NewClaims(g Grant, now time.Time) Claims {
	after := func(seconds int64) *jwt.NumericDate {
		d := jwt.NumericDate(now.Unix() + seconds)
		return &d
	}
	sa := g.ServiceAccount
	c := Claims{
		Claims: jwt.Claims{
			Subject:   Username(sa.Namespace, sa.Name),
			Audience:  jwt.Audience(g.Audiences),
			IssuedAt:  after(0),
			NotBefore: after(0),
			Expiry:    after(g.Seconds),
			ID:        g.ID,
		},
		Kubernetes: Bound{Namespace: sa.Namespace, ServiceAccount: *refTo(sa)},
	}
	if g.Pod != nil {
		c.Kubernetes.Pod = refTo(g.Pod)
	}
	if g.Secret != nil {
		c.Kubernetes.Secret = refTo(g.Secret)
	}
	if g.Node != nil {
		c.Kubernetes.Node = refTo(g.Node)
	}
	if g.WarnAfter != 0 {
		c.Kubernetes.WarnAfter = after(g.WarnAfter)
	}
	return c
}

func refTo(obj metav1.Object) *Ref { return &Ref{Name: obj.GetName(), UID: string(obj.GetUID())} }
