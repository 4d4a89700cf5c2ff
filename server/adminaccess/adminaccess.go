// Package adminaccess keeps admin access to devices, which goes past what others have reserved, to the
// namespaces that allow it with a label. It is validation of claims and of templates of claims that needs to
// read the namespace. Caller: the server, which gives it to stage 4.
package adminaccess

import (
	"context"
	"fmt"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// Reader reads an object without a request.
type Reader interface {
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
}

// Checker checks new claims. Its methods may be called by many goroutines at once.
type Checker struct{ Reader Reader }

// Claim checks a new ResourceClaim.
func (c Checker) Claim(ctx context.Context, obj kinds.Object) field.ErrorList {
	claim := obj.(*resourcev1.ResourceClaim)
	return c.check(ctx, claim.Spec.Devices.Requests, claim.Namespace)
}

// Template checks a new ResourceClaimTemplate. The path of what it finds is that of a claim, as
// kube-apiserver's is.
func (c Checker) Template(ctx context.Context, obj kinds.Object) field.ErrorList {
	template := obj.(*resourcev1.ResourceClaimTemplate)
	return c.check(ctx, template.Spec.Spec.Devices.Requests, template.Namespace)
}

func (c Checker) check(ctx context.Context, requests []resourcev1.DeviceRequest, namespace string) field.ErrorList {
	for i := range requests {
		exactly := requests[i].Exactly
		if exactly == nil || exactly.AdminAccess == nil || !*exactly.AdminAccess {
			continue
		}
		path := field.NewPath("spec", "devices", "requests").Index(i).Child("adminAccess")
		ns, err := c.Reader.Get(ctx, "", "namespaces", "", namespace)
		switch {
		case err != nil:
			return field.ErrorList{field.InternalError(path, fmt.Errorf("could not retrieve namespace to verify admin access: %w", err))}
		case ns.GetLabels()[resourcev1.DRAAdminNamespaceLabelKey] != "true":
			return field.ErrorList{field.Forbidden(path, "admin access to devices requires the `"+resourcev1.DRAAdminNamespaceLabelKey+": true` label on the containing namespace")}
		}
		return nil // one label for all requests
	}
	return nil
}
