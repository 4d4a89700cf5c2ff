package policy

import (
	"context"
	"errors"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// Mutating is MutatingAdmissionPolicy: policies change the object one after the other, each sees what those before
// made of it.
type Mutating struct {
	Config
	source   *source
	compiler compiler
}

// NewMutating returns the plugin.
func NewMutating(c Config) *Mutating {
	return &Mutating{Config: c, source: &source{
		reader: c.Reader, policies: "mutatingadmissionpolicies", bindings: "mutatingadmissionpolicybindings",
		readPolicy: readMutating, readBinding: readMutatingBinding,
	}}
}

func readMutating(obj kinds.Object) (*policy, error) {
	p, ok := obj.(*admissionregistrationv1.MutatingAdmissionPolicy)
	if !ok {
		return nil, fmt.Errorf("mutating admission policy is a %T", obj)
	}
	return &policy{
		name: p.Name, uid: p.UID, revision: p.ResourceVersion,
		constraints: resources(p.Spec.MatchConstraints), fail: failure(p.Spec.FailurePolicy), paramKind: p.Spec.ParamKind,
		variables: p.Spec.Variables, conditions: p.Spec.MatchConditions, mutations: p.Spec.Mutations,
		reinvoke: p.Spec.ReinvocationPolicy == admissionregistrationv1.IfNeededReinvocationPolicy,
	}, nil
}

func readMutatingBinding(obj kinds.Object) (*binding, error) {
	b, ok := obj.(*admissionregistrationv1.MutatingAdmissionPolicyBinding)
	if !ok {
		return nil, fmt.Errorf("mutating admission policy binding is a %T", obj)
	}
	return &binding{name: b.Name, policy: b.Spec.PolicyName, resources: resources(b.Spec.MatchResources), paramRef: b.Spec.ParamRef}, nil
}

// Name is the plugin's name.
func (*Mutating) Name() string { return "MutatingAdmissionPolicy" }

// Handles reports whether the plugin wants writes of this kind: all.
func (*Mutating) Handles(admit.Operation) bool { return true }

// key tells invocations apart.
type key struct{ policy, binding, param string }

func (i invocation) key() key { return key{i.policy.name, i.binding.name, i.param.id} }

// rounds is what the plugin knows of a write from one round to the next.
type rounds struct {
	waiting  map[key]bool   // ran, and willing to run again should the object change
	again    map[key]bool   // to run again: it did change
	lastSeen runtime.Object // a copy of the object when the policies were through with it; only if some are waiting
}

// changed: whatever ran before is to run again.
func (r *rounds) changed() {
	for k := range r.waiting {
		r.again[k] = true
	}
	r.waiting = map[key]bool{}
}

// Mutate lets the policies change the object. A second round, in which all mutators run, runs those again that are
// willing (reinvocationPolicy IfNeeded) and ran before somebody changed the object.
func (m *Mutating) Mutate(ctx context.Context, a *admit.Attributes) error {
	all, err := m.source.current(ctx)
	if err != nil || len(all) == 0 || exempt(a) {
		return err
	}
	var (
		w           = m.write(a)
		problems    []problem
		invocations []invocation
	)
	failed := func(p problem) { p.err = errors.New(p.text()); problems = append(problems, p) }
	// Which policies run is decided before the first changes the object.
	err = w.each(ctx, all, failed, func(i invocation) error {
		invocations = append(invocations, i)
		return nil
	})
	if err == nil && len(invocations) > 0 {
		var more []problem
		more, err = m.invoke(ctx, w, invocations)
		problems = append(problems, more...)
	}
	if err == nil {
		err = refused(a, problems)
	}
	if err != nil {
		a.Request.Timeline.Enter("policy")("deny", err.Error())
	}
	return err
}

func (m *Mutating) invoke(ctx context.Context, w *write, invocations []invocation) (problems []problem, err error) {
	a := w.a
	r, _ := a.Recall(m.Name()).(*rounds)
	if r == nil {
		r = &rounds{waiting: map[key]bool{}, again: map[key]bool{}}
		a.Remember(m.Name(), r)
	} else if a.Round > 0 && len(r.waiting) > 0 && !apiequality.Semantic.DeepEqual(r.lastSeen, a.Object) {
		r.changed() // by other mutators
	}
	if err := w.readNamespace(ctx); err != nil {
		return nil, err
	}
	patched := false
	for _, i := range invocations {
		if a.Round > 0 && !r.again[i.key()] {
			continue
		}
		out, err := w.mutate(ctx, i, m.compiler.of(i.policy))
		for _, fault := range out.faults {
			problems = append(problems, problem{i.policy, i.binding, fault, true})
		}
		if err != nil {
			return nil, err
		}
		patched = patched || out.patched
		if out.changed {
			r.changed()
			a.Again()
		}
		if i.policy.reinvoke && out.ran {
			r.waiting[i.key()] = true
		}
	}
	if patched { // even by one that changed nothing: kube-apiserver counts it
		r.changed()
		a.Again()
	}
	if r.lastSeen = nil; len(r.waiting) > 0 && a.Object != nil {
		r.lastSeen = a.Object.DeepCopyObject()
	}
	return problems, nil
}

// refused is the error that the client sees, nil if no problem is one of a policy that must not fail.
func refused(a *admit.Attributes, problems []problem) error {
	var texts []string
	for _, p := range problems {
		if !p.policy.fail {
			continue
		}
		if p.binding == nil {
			texts = append(texts, fmt.Sprintf("policy %q denied request: %s", p.policy.name, p.err))
		} else {
			texts = append(texts, fmt.Sprintf("policy '%s' with binding '%s' denied request: %s", p.policy.name, p.binding.name, p.err))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	err := admit.Forbidden(a, "").(*apierrors.StatusError)
	err.ErrStatus.Message = texts[0]
	for _, p := range problems {
		if p.policy.fail {
			if p.invalid {
				err.ErrStatus.Reason = metav1.StatusReasonInvalid
			}
			break
		}
	}
	for _, text := range texts {
		err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{Message: text})
	}
	return err
}
