package resource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// maxPatchOperations is the most operations a JSON patch may have.
const maxPatchOperations = 10000

// patchType is the kind of patch by the body's media type; "" for none.
func patchType(r *request.Request) types.PatchType {
	media, _, _ := strings.Cut(r.HTTP.Header.Get("Content-Type"), ";") // as it stands: upper case is another type
	switch t := types.PatchType(strings.TrimSpace(media)); t {
	case types.JSONPatchType, types.MergePatchType, types.StrategicMergePatchType, types.ApplyYAMLPatchType:
		return t
	}
	return ""
}

// patch is PATCH of an object, or of a part of it.
func (e *Engine) patch(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource) error {
	typ := patchType(r)
	if typ == "" {
		return respond.UnsupportedMediaTypeRoute()
	}
	media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	leave := r.Timeline.Enter("decode")
	data, err := e.readBody(r)
	if err != nil {
		return err
	}
	options, err := patchOptions(r, typ)
	if err != nil {
		return err
	}
	if typ == types.StrategicMergePatchType && isUnstructured(res) {
		return respond.UnsupportedMediaTypeRoute()
	}
	p := patch{typ: typ, data: data, options: options, engine: e, r: r}
	if err := p.read(); err != nil {
		return err
	}
	leave("", "")
	if sub != nil && sub.Scale != nil {
		return e.patchScale(w, r, res, sub, media, &p)
	}
	c := change{res: res, sub: sub, options: updateOf(options), dryRun: len(options.DryRun) > 0,
		transform: func(live kinds.Object) (kinds.Object, error) {
			leave := r.Timeline.Enter("patch")
			defer func() { leave("", "") }()
			return p.apply(res, sub, live)
		},
	}
	if typ == types.ApplyYAMLPatchType && sub == nil {
		c.create = func(ctx context.Context) (*written, error) { return e.applyNew(ctx, r, res, &p) }
	}
	stored, created, err := e.change(r.HTTP.Context(), r, c)
	if err != nil {
		return err
	}
	code := http.StatusOK
	if created {
		code = http.StatusCreated
	}
	return e.answer(w, r, media, code, res, stored)
}

// applyNew creates the object that an apply describes.
func (e *Engine) applyNew(ctx context.Context, r *request.Request, res *kinds.Resource, p *patch) (*written, error) {
	if err := e.mayCreate(ctx, r); err != nil {
		return nil, err
	}
	empty := newObject(res)
	obj, err := p.apply(res, nil, empty)
	if err != nil {
		return nil, err
	}
	if err := fitNamespace(res, obj, r.Namespace); err != nil {
		return nil, err
	}
	if err := fitName(obj, r); err != nil {
		return nil, err
	}
	if uid := obj.GetUID(); uid != "" {
		return nil, conflict(res, r.Name, fmt.Sprintf("uid mismatch: the provided object specified uid %s, and no existing object was found", uid))
	}
	obj.SetResourceVersion("")
	return e.createObject(ctx, r, res, obj, createOf(updateOf(p.options)), false)
}

// A patch is a patch that has been read, ready for any number of objects.
type patch struct {
	typ     types.PatchType
	data    []byte
	options *metav1.PatchOptions
	engine  *Engine
	r       *request.Request

	operations jsonpatch.Patch // JSONPatchType
	merge      map[string]any  // MergePatchType, StrategicMergePatchType
	complaints []error         // about the patch itself
}

func (p *patch) lenient() bool { return p.options.FieldValidation == metav1.FieldValidationIgnore }

// jsonPatchOp is an operation of a JSON patch as strict reading expects it. Its name, and the package's
// that kube-apiserver has it in, is in the text of errors.
type jsonPatchOp struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from"`
	Value any    `json:"value"`
}

// read checks the patch as far as that goes without an object.
func (p *patch) read() error {
	if err := checkBulk(p.data); err != nil {
		return err
	}
	switch p.typ {
	case types.JSONPatchType:
		return p.readJSONPatch()
	case types.MergePatchType:
		return p.strictly(&p.merge)
	case types.StrategicMergePatchType:
		if err := p.strictly(&p.merge); err != nil {
			return err
		}
		return checkMerge(p.merge)
	}
	return nil
}

func (p *patch) readJSONPatch() error {
	if !p.lenient() {
		var ops []jsonPatchOp
		if err := p.strictly(&ops); err != nil {
			return err
		}
	}
	var err error
	if p.operations, err = jsonpatch.DecodePatch(p.data); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if n := len(p.operations); n > maxPatchOperations {
		return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum operations in a JSON patch is %d, got %d", maxPatchOperations, n))
	}
	return nil
}

// strictly decodes the patch and keeps the complaints.
func (p *patch) strictly(into any) error {
	if !json.Valid(p.data) {
		return apierrors.NewBadRequest("invalid JSON patch")
	}
	complaints, err := kjson.UnmarshalStrict(p.data, into)
	switch {
	case err != nil && p.typ == types.StrategicMergePatchType:
		return apierrors.NewBadRequest(err.Error())
	case err != nil:
		return apierrors.NewBadRequest("error decoding patch: " + internalOp(err.Error()))
	}
	for _, c := range complaints {
		if p.typ == types.JSONPatchType {
			c = fmt.Errorf("json patch %w", c)
		}
		p.complaints = append(p.complaints, c)
	}
	return nil
}

// apply makes the new object of the live one, in the served version.
func (p *patch) apply(res *kinds.Resource, sub *kinds.Subresource, live kinds.Object) (kinds.Object, error) {
	fields, err := p.engine.fields(res, sub)
	if err != nil {
		return nil, err
	}
	if p.typ == types.ApplyYAMLPatchType {
		return p.applyConfiguration(fields, live)
	}
	obj := p.narrowly(res, live)
	if obj == nil {
		obj = res.New().(kinds.Object)
		if err := p.patch(res, live, obj); err != nil {
			return nil, err
		}
	}
	if err := checkManagers(res, obj); err != nil {
		return nil, err
	}
	if obj.GetName() == "" {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: name must be provided", p.r.Name))
	}
	if err := fitName(obj, p.r); err != nil {
		return nil, err
	}
	obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
	setDefaults(res, obj)
	return track(fields, live, obj, manager(p.r, p.options.FieldManager)), nil
}

// patch makes obj of the live object.
func (p *patch) patch(res *kinds.Resource, live, obj runtime.Object) error {
	if p.typ == types.StrategicMergePatchType {
		return p.strategic(live, obj)
	}
	return p.document(res, live, obj)
}

// narrowly patches only those top-level fields that the patch names; the others are those of live. It
// returns nil where that cannot be done, or where there is something to complain of: the words of a
// complaint are about the whole object.
func (p *patch) narrowly(res *kinds.Resource, live kinds.Object) kinds.Object {
	if len(p.merge) == 0 || len(p.complaints) > 0 || isUnstructured(res) {
		return nil
	}
	named := newObject(res)
	if !take(named, live, p.merge, true) {
		return nil
	}
	metadata, _ := p.merge["metadata"].(map[string]any)
	if _, own := metadata["managedFields"]; !own {
		named.SetManagedFields(nil) // the longest part of most metadata
	}
	obj := res.New().(kinds.Object)
	if p.patch(res, named, obj) != nil || !take(obj, live, p.merge, false) {
		return nil
	}
	if named.GetManagedFields() == nil {
		obj.SetManagedFields(live.GetManagedFields())
	}
	return obj
}

// document applies a JSON patch or a merge patch, both of which work on JSON text.
func (p *patch) document(res *kinds.Resource, live, obj runtime.Object) error {
	before, err := json.Marshal(live)
	if err != nil {
		return err
	}
	var after []byte
	if p.typ == types.JSONPatchType {
		if after, err = p.applyOperations(before); err != nil {
			return unprocessable(err)
		}
	} else if after, err = jsonpatch.MergePatch(before, p.data); err != nil {
		if errors.Is(err, jsonpatch.ErrBadJSONPatch) || errors.Is(err, jsonpatch.ErrBadJSONDoc) {
			return apierrors.NewBadRequest(err.Error())
		}
		return err
	}
	if err := checkQuantities(after, obj); err != nil {
		return invalidPatch(string(after), err)
	}
	complaints := p.complaints
	if u, ok := obj.(runtime.Unstructured); ok {
		var content map[string]any
		if err := kjson.UnmarshalCaseSensitivePreserveInts(after, &content); err != nil {
			return invalidPatch(string(after), err)
		}
		u.SetUnstructuredContent(content)
	} else if p.lenient() {
		if err := kjson.UnmarshalCaseSensitivePreserveInts(after, obj); err != nil {
			return invalidPatch(string(after), err)
		}
	} else {
		more, err := kjson.UnmarshalStrict(after, obj)
		if err != nil {
			return invalidPatch(string(after), err)
		}
		complaints = append(complaints[:len(complaints):len(complaints)], more...)
	}
	if got := obj.GetObjectKind().GroupVersionKind(); got != res.GroupVersionKind() && !(got.Kind == "" && got.Version == "") {
		return invalidPatch(string(after), &otherKind{gvk: got, want: res.GroupVersionKind()})
	}
	return p.complain(complaints, string(after))
}

// applyOperations applies a JSON patch. The library panics on some that make no sense ("replace" of the whole with
// nothing).
func (p *patch) applyOperations(before []byte) (after []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("unable to apply the JSON patch: %v", v)
		}
	}()
	return p.operations.Apply(before)
}

func (p *patch) complain(complaints []error, value string) error {
	if len(complaints) == 0 {
		return nil
	}
	if p.options.FieldValidation == metav1.FieldValidationStrict {
		return invalidPatch(value, strictError(complaints))
	}
	return complain(p.r, p.options.FieldValidation, complaints)
}

func invalidPatch(value string, err error) error {
	return apierrors.NewInvalid(schema.GroupKind{}, "", field.ErrorList{field.Invalid(field.NewPath("patch"), value, err.Error())})
}

func unprocessable(err error) error {
	return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
}

// strategic applies a strategic merge patch.
func (p *patch) strategic(live, obj runtime.Object) (err error) {
	current, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	if err != nil {
		return err
	}
	defer func() {
		// The library panics on a $setElementOrder for a list that is atomic.
		if v := recover(); v != nil {
			err = apierrors.NewBadRequest(fmt.Sprintf("unable to apply the strategic merge patch: %v", v))
		}
	}()
	patched, err := strategicpatch.StrategicMergeMapPatch(current, runtime.DeepCopyJSON(p.merge), obj)
	if err != nil {
		switch err {
		case mergepatch.ErrBadJSONDoc, mergepatch.ErrBadPatchFormatForPrimitiveList, mergepatch.ErrBadPatchFormatForRetainKeys,
			mergepatch.ErrBadPatchFormatForSetElementOrderList, mergepatch.ErrUnsupportedStrategicMergePatchFormat:
			return apierrors.NewBadRequest(err.Error())
		case mergepatch.ErrNoListOfLists, mergepatch.ErrBadPatchFormatForSetElementOrderList:
			return unprocessable(err)
		}
		return err
	}
	if err := checkQuantitiesOf(patched, p.data, obj); err != nil {
		return invalidPatch(fmt.Sprintf("%+v", p.merge), err)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(patched, obj, !p.lenient()); err != nil {
		strict, ok := runtime.AsStrictDecodingError(err)
		if !ok {
			return invalidPatch(fmt.Sprintf("%+v", p.merge), err)
		}
		return p.complain(append(p.complaints[:len(p.complaints):len(p.complaints)], strict.Errors()...), fmt.Sprintf("%+v", p.merge))
	}
	return p.complain(p.complaints, fmt.Sprintf("%+v", p.merge))
}
