package policy

import (
	"context"
	"fmt"
	"net/http"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// Validating is ValidatingAdmissionPolicy. All policies are asked; the first that denies is the answer.
type Validating struct {
	Config
	source   *source
	compiler compiler
}

// NewValidating returns the plugin.
func NewValidating(c Config) *Validating {
	return &Validating{Config: c, source: &source{
		reader: c.Reader, policies: "validatingadmissionpolicies", bindings: "validatingadmissionpolicybindings",
		readPolicy: readValidating, readBinding: readValidatingBinding,
	}}
}

func readValidating(obj kinds.Object) (*policy, error) {
	p, ok := obj.(*admissionregistrationv1.ValidatingAdmissionPolicy)
	if !ok {
		return nil, fmt.Errorf("validating admission policy is a %T", obj)
	}
	return &policy{
		name: p.Name, uid: p.UID, revision: p.ResourceVersion,
		constraints: resources(p.Spec.MatchConstraints), fail: failure(p.Spec.FailurePolicy), paramKind: p.Spec.ParamKind,
		variables: p.Spec.Variables, conditions: p.Spec.MatchConditions,
		validations: p.Spec.Validations, annotations: p.Spec.AuditAnnotations,
	}, nil
}

func readValidatingBinding(obj kinds.Object) (*binding, error) {
	b, ok := obj.(*admissionregistrationv1.ValidatingAdmissionPolicyBinding)
	if !ok {
		return nil, fmt.Errorf("validating admission policy binding is a %T", obj)
	}
	return &binding{
		name: b.Name, policy: b.Spec.PolicyName, resources: resources(b.Spec.MatchResources),
		paramRef: b.Spec.ParamRef, actions: b.Spec.ValidationActions,
	}, nil
}

// Name is the plugin's name.
func (*Validating) Name() string { return "ValidatingAdmissionPolicy" }

// Handles reports whether the plugin wants writes of this kind: all.
func (*Validating) Handles(admit.Operation) bool { return true }

// denial is the first decision against a write.
type denial struct {
	policy  *policy
	binding *binding // nil: the policy itself is wrong
	decision
}

func (d *denial) text() string {
	if d.binding == nil {
		return fmt.Sprintf("ValidatingAdmissionPolicy '%s' denied request: %s", d.policy.name, d.message)
	}
	return fmt.Sprintf("ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s", d.policy.name, d.binding.name, d.message)
}

// Review asks the policies.
func (v *Validating) Review(ctx context.Context, a *admit.Attributes) error {
	all, err := v.source.current(ctx)
	if err != nil || len(all) == 0 || exempt(a) {
		return err
	}
	var (
		w     = v.write(a)
		first *denial
		notes audit
		asked int
	)
	deny := func(p *policy, b *binding, d decision) {
		if first == nil {
			first = &denial{p, b, d}
		}
	}
	failed := func(p problem) {
		if p.policy.fail {
			deny(p.policy, p.binding, decision{message: p.text()})
		}
	}
	err = w.each(ctx, all, failed, func(i invocation) error {
		if asked++; asked == 1 {
			if err := w.readNamespace(ctx); err != nil {
				return err
			}
		}
		out := w.validate(ctx, i, v.compiler.of(i.policy))
		for _, d := range out.decisions {
			for _, action := range i.binding.actions {
				switch action {
				case admissionregistrationv1.Deny:
					deny(i.policy, i.binding, d)
				case admissionregistrationv1.Audit:
					notes.failure(i, d)
				case admissionregistrationv1.Warn:
					a.Request.Warn(fmt.Sprintf("Validation failed for ValidatingAdmissionPolicy '%s' with binding '%s': %s", i.policy.name, i.binding.name, d.message))
				}
			}
		}
		for _, d := range out.faults {
			deny(i.policy, i.binding, d)
		}
		for _, n := range out.notes {
			notes.add(i.policy.name+"/"+n.key, n.value)
		}
		return nil
	})
	if err != nil {
		return err
	}
	notes.publish(a.Request)
	if first == nil {
		return nil
	}
	a.Request.Timeline.Enter("policy")("deny", first.text())
	return refusal(a, first)
}

// refusal is the error that the client sees.
func refusal(a *admit.Attributes, d *denial) error {
	text := d.text()
	err := admit.Forbidden(a, "%s", text).(*apierrors.StatusError)
	if err.ErrStatus.Reason = d.reason; d.reason == "" {
		err.ErrStatus.Reason = metav1.StatusReasonInvalid
	}
	switch err.ErrStatus.Reason {
	case metav1.StatusReasonForbidden:
		err.ErrStatus.Code = http.StatusForbidden
	case metav1.StatusReasonUnauthorized:
		err.ErrStatus.Code = http.StatusUnauthorized
	case metav1.StatusReasonRequestEntityTooLarge:
		err.ErrStatus.Code = http.StatusRequestEntityTooLarge
	default:
		err.ErrStatus.Code = http.StatusUnprocessableEntity
	}
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{Message: text})
	return err
}
