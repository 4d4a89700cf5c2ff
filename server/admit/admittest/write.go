package admittest

import (
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/request"
)

// Write describes a write of obj; old is what is stored. The resource is that of the object's kind.
func Write(op admit.Operation, obj, old kinds.Object) *admit.Attributes {
	a := &admit.Attributes{Request: &request.Request{}, Operation: op, Now: metav1.NewTime(time.Unix(1_700_000_000, 0))}
	at := obj
	if obj == nil {
		at = old
	} else {
		a.Object = obj
	}
	if old != nil {
		a.OldObject = old
	}
	a.Resource, a.Namespace, a.Name = ResourceOf(at), at.GetNamespace(), at.GetName()
	switch op {
	case admit.Create:
		a.Options = &metav1.CreateOptions{}
	case admit.Update:
		a.Options = &metav1.UpdateOptions{}
	case admit.Delete:
		a.Options = &metav1.DeleteOptions{}
	}
	return a
}

// By sets the user of a write.
func By(a *admit.Attributes, name string, groups ...string) *admit.Attributes {
	a.Request.User = authenticationv1.UserInfo{Username: name, Groups: groups}
	return a
}
