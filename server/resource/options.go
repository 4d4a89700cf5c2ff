package resource

import (
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	internalvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/server/request"
)

func invalidOptions(kind string, errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: kind}, "", errs)
}

func createOptions(r *request.Request) (*metav1.CreateOptions, error) {
	o := &metav1.CreateOptions{}
	values := url.Values(r.Query)
	if err := metav1.Convert_url_Values_To_v1_CreateOptions(&values, o, nil); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if err := invalidOptions("CreateOptions", validation.ValidateCreateOptions(o)); err != nil {
		return nil, err
	}
	o.Kind, o.APIVersion = "CreateOptions", "meta.k8s.io/v1"
	return o, nil
}

func updateOptions(r *request.Request) (*metav1.UpdateOptions, error) {
	o := &metav1.UpdateOptions{}
	values := url.Values(r.Query)
	if err := metav1.Convert_url_Values_To_v1_UpdateOptions(&values, o, nil); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if err := invalidOptions("UpdateOptions", validation.ValidateUpdateOptions(o)); err != nil {
		return nil, err
	}
	o.Kind, o.APIVersion = "UpdateOptions", "meta.k8s.io/v1"
	return o, nil
}

func patchOptions(r *request.Request, t types.PatchType) (*metav1.PatchOptions, error) {
	o := &metav1.PatchOptions{}
	values := url.Values(r.Query)
	if err := metav1.Convert_url_Values_To_v1_PatchOptions(&values, o, nil); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if err := invalidOptions("PatchOptions", validation.ValidatePatchOptions(o, t)); err != nil {
		return nil, err
	}
	o.Kind, o.APIVersion = "PatchOptions", "meta.k8s.io/v1"
	return o, nil
}

// updateOf is the options of a patch as admission sees them.
func updateOf(o *metav1.PatchOptions) *metav1.UpdateOptions {
	return &metav1.UpdateOptions{
		TypeMeta: metav1.TypeMeta{Kind: "UpdateOptions", APIVersion: "meta.k8s.io/v1"},
		DryRun:   o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation,
	}
}

func createOf(o *metav1.UpdateOptions) *metav1.CreateOptions {
	return &metav1.CreateOptions{
		TypeMeta: metav1.TypeMeta{Kind: "CreateOptions", APIVersion: "meta.k8s.io/v1"},
		DryRun:   o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation,
	}
}

func listOptions(r *request.Request) (*metav1.ListOptions, error) {
	o := &metav1.ListOptions{}
	if len(r.Query) == 0 {
		return o, nil
	}
	values := url.Values(r.Query)
	if err := metav1.Convert_url_Values_To_v1_ListOptions(&values, o, nil); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	o.Watch = r.Verb == "watch"
	errs := internalvalidation.ValidateListOptions(&internalversion.ListOptions{
		Watch: o.Watch, AllowWatchBookmarks: o.AllowWatchBookmarks, ResourceVersion: o.ResourceVersion,
		ResourceVersionMatch: o.ResourceVersionMatch, TimeoutSeconds: o.TimeoutSeconds, Limit: o.Limit,
		Continue: o.Continue, SendInitialEvents: o.SendInitialEvents,
	}, true)
	return o, invalidOptions("ListOptions", errs)
}

// manager is the name under which managedFields record the request: that of the options, or the client's
// own name.
func manager(r *request.Request, name string) string {
	if name != "" {
		return name
	}
	agent := r.HTTP.UserAgent()
	for i := 0; i < len(agent); i++ {
		if agent[i] == '/' {
			agent = agent[:i]
			break
		}
	}
	const most = 128
	out := make([]rune, 0, len(agent))
	size := 0
	for _, c := range agent {
		n := len(string(c))
		if size+n > most {
			break
		}
		if unprintable(c) {
			continue
		}
		out, size = append(out, c), size+n
	}
	return string(out)
}
