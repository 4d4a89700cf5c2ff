package admissionregistration

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/util/jsonpath"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/expression"
	"github.com/nave-k8s/nave/kinds/internalname"
)

// policyCheck walks a policy of either kind.
type policyCheck struct {
	params   bool // the policy has parameters
	lenient  bool // selectors may have values that are no labels, as stored ones do
	old      stored
	compiler *expression.Compiler
}

// everything an expression outside of messages sees.
func (c *policyCheck) scope() expression.Scope {
	return expression.Scope{Params: c.params, Authorizer: true}
}

// check compiles an expression that was not stored before.
func (c *policyCheck) check(path *field.Path, text string, scope expression.Scope, want ...*cel.Type) field.ErrorList {
	if c.old[text] {
		return nil
	}
	return wrong(path, text, c.compiler.Check(text, scope, want...))
}

func validateFailure(p *admissionv1.FailurePolicyType, path *field.Path) field.ErrorList {
	if p == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	return oneOf(p, path, admissionv1.Fail, admissionv1.Ignore)
}

// head checks what both kinds begin with: failure policy, parameters, what matches, variables.
func (c *policyCheck) head(failure *admissionv1.FailurePolicyType, params *admissionv1.ParamKind, match *admissionv1.MatchResources,
	operations []admissionv1.OperationType, conditions []admissionv1.MatchCondition, variables []admissionv1.Variable) field.ErrorList {
	path := field.NewPath("spec")
	errs := validateFailure(failure, path.Child("failurePolicy"))
	if params != nil {
		errs = append(errs, validateParamKind(params, path.Child("paramKind"))...)
	}
	constraints := path.Child("matchConstraints")
	if match == nil {
		errs = append(errs, field.Required(constraints, ""))
	} else {
		errs = append(errs, validateMatch(match, c.lenient, constraints)...)
		if len(match.ResourceRules) == 0 {
			errs = append(errs, field.Required(constraints.Child("resourceRules"), ""))
		}
		errs = append(errs, onlyOperations(match.ResourceRules, operations, constraints.Child("resourceRules", "operations"))...)
	}
	errs = append(errs, validateConditions(conditions, c.params, c.old, path.Child("matchConditions"))...)
	for i := range variables {
		errs = append(errs, c.variable(&variables[i], path.Child("variables").Index(i))...)
	}
	return errs
}

// onlyOperations refuses operations that a kind of policy cannot act on; nil allows all.
func onlyOperations(rules []admissionv1.NamedRuleWithOperations, allowed []admissionv1.OperationType, path *field.Path) field.ErrorList {
	if allowed == nil {
		return nil
	}
	var errs field.ErrorList
	for _, r := range rules {
		for i := range r.Operations {
			errs = append(errs, oneOf(&r.Operations[i], path, allowed...)...)
		}
	}
	return errs
}

// mutatingOperations: a deleted object cannot be changed.
func mutatingOperations() []admissionv1.OperationType {
	return []admissionv1.OperationType{admissionv1.OperationAll, admissionv1.Connect, admissionv1.Create, admissionv1.Update}
}

func validateParamKind(k *admissionv1.ParamKind, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	version := path.Child("apiVersion")
	if k.APIVersion == "" {
		errs = append(errs, field.Required(version, ""))
	} else if gv, err := schema.ParseGroupVersion(k.APIVersion); err != nil {
		errs = append(errs, field.Invalid(version, k.APIVersion, err.Error()))
	} else {
		if gv.Group != "" {
			if msgs := validation.IsDNS1123Subdomain(gv.Group); len(msgs) > 0 {
				errs = append(errs, field.Invalid(version, gv.Group, strings.Join(msgs, ",")))
			}
		}
		if gv.Version == "" {
			errs = append(errs, field.Invalid(version, k.APIVersion, "version must be specified"))
		} else if msgs := validation.IsDNS1035Label(gv.Version); len(msgs) > 0 {
			errs = append(errs, field.Invalid(version, gv.Version, strings.Join(msgs, ",")))
		}
	}
	if k.Kind == "" {
		errs = append(errs, field.Required(path.Child("kind"), ""))
	} else if msgs := validation.IsDNS1035Label(strings.ToLower(k.Kind)); len(msgs) > 0 {
		errs = append(errs, field.Invalid(path.Child("kind"), k.Kind, "may have mixed case, but should otherwise match: "+strings.Join(msgs, ",")))
	}
	return errs
}

// isIdentifier reports whether CEL can use the name.
func isIdentifier(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	reserved := []string{"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
		"import", "let", "loop", "package", "namespace", "return", "var", "void", "while"}
	return name != "" && !slices.Contains(reserved, name)
}

func (c *policyCheck) variable(v *admissionv1.Variable, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if strings.TrimSpace(v.Name) == "" {
		errs = append(errs, field.Required(path.Child("name"), "name is not specified"))
	} else if !isIdentifier(v.Name) {
		errs = append(errs, field.Invalid(path.Child("name"), v.Name, "must be a valid CEL identifier"))
	}
	if strings.TrimSpace(v.Expression) == "" {
		return append(errs, field.Required(path.Child("expression"), "expression is not specified"))
	}
	problem := c.compiler.Define(v.Name, v.Expression, c.scope())
	if c.old[v.Expression] {
		problem = ""
	}
	return append(errs, wrong(path.Child("expression"), v.Expression, problem)...)
}

func validateValidatingPolicy(_ kinds.Input, obj *admissionv1.ValidatingAdmissionPolicy) field.ErrorList {
	return validateValidating(obj, nil, false)
}

func validateValidatingPolicyUpdate(_ kinds.Input, obj, old *admissionv1.ValidatingAdmissionPolicy) field.ErrorList {
	before := stored{}
	before.remember(old.Spec.MatchConditions)
	for _, v := range old.Spec.Variables {
		before[v.Expression] = true
	}
	for _, v := range old.Spec.Validations {
		before[v.Expression], before[v.MessageExpression] = true, true
	}
	for _, a := range old.Spec.AuditAnnotations {
		before[a.ValueExpression] = true
	}
	if (obj.Spec.ParamKind == nil) != (old.Spec.ParamKind == nil) {
		before = nil // what expressions see has changed
	}
	return validateValidating(obj, before, invalidLabels(old.Spec.MatchConstraints))
}

func invalidLabels(m *admissionv1.MatchResources) bool {
	if m == nil {
		return false
	}
	for _, s := range []*metav1.LabelSelector{m.NamespaceSelector, m.ObjectSelector} {
		if s != nil && metavalidation.LabelSelectorHasInvalidLabelValue(s) {
			return true
		}
	}
	return false
}

// maxAuditAnnotations and maxAnnotationLength bound the audit annotations of a policy.
const (
	maxAuditAnnotations = 20
	maxAnnotationLength = 5 * 1024
)

func validateValidating(obj *admissionv1.ValidatingAdmissionPolicy, old stored, lenient bool) field.ErrorList {
	spec, path := &obj.Spec, field.NewPath("spec")
	c := &policyCheck{params: spec.ParamKind != nil, lenient: lenient, old: old, compiler: expression.NewCompiler(len(spec.Variables) > 0)}
	errs := c.head(spec.FailurePolicy, spec.ParamKind, spec.MatchConstraints, nil, spec.MatchConditions, spec.Variables)
	if len(spec.Validations)+len(spec.AuditAnnotations) == 0 {
		const msg = "validations or auditAnnotations must contain at least one item"
		return append(errs, field.Required(path.Child("validations"), msg), field.Required(path.Child("auditAnnotations"), msg))
	}
	for i := range spec.Validations {
		errs = append(errs, c.validation(&spec.Validations[i], path.Child("validations").Index(i))...)
	}
	annotations := path.Child("auditAnnotations")
	if len(spec.AuditAnnotations) > maxAuditAnnotations {
		errs = append(errs, field.Invalid(annotations, internalname.Value(spec.AuditAnnotations), fmt.Sprintf("must not have more than %d auditAnnotations", maxAuditAnnotations)))
	}
	for i, a := range spec.AuditAnnotations {
		errs = append(errs, c.annotation(obj.Name, &spec.AuditAnnotations[i], annotations.Index(i))...)
		if slices.ContainsFunc(spec.AuditAnnotations[:i], func(o admissionv1.AuditAnnotation) bool { return o.Key == a.Key }) {
			errs = append(errs, field.Duplicate(annotations.Index(i).Child("key"), a.Key))
		}
	}
	return errs
}

var lineBreak = regexp.MustCompile(`[\n\r]+`)

func (c *policyCheck) validation(v *admissionv1.Validation, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if strings.TrimSpace(v.Expression) == "" {
		errs = append(errs, field.Required(path.Child("expression"), "expression is not specified"))
	} else {
		errs = append(errs, c.check(path.Child("expression"), v.Expression, c.scope(), cel.BoolType)...)
	}
	message := path.Child("messageExpression")
	if v.MessageExpression != "" && strings.TrimSpace(v.MessageExpression) == "" {
		errs = append(errs, field.Invalid(message, v.MessageExpression, "must be non-empty if specified"))
	} else if v.MessageExpression != "" {
		errs = append(errs, c.check(message, v.MessageExpression, expression.Scope{Params: c.params}, cel.StringType)...)
	}
	if text := strings.TrimSpace(v.Message); v.Message != "" && text == "" {
		errs = append(errs, field.Invalid(path.Child("message"), v.Message, "must be non-empty if specified"))
	} else if lineBreak.MatchString(text) {
		errs = append(errs, field.Invalid(path.Child("message"), v.Message, "must not contain line breaks"))
	}
	return append(errs, oneOf(v.Reason, path.Child("reason"), metav1.StatusReasonForbidden, metav1.StatusReasonInvalid, metav1.StatusReasonRequestEntityTooLarge)...)
}

func (c *policyCheck) annotation(policy string, a *admissionv1.AuditAnnotation, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if policy == "" {
		errs = append(errs, field.Invalid(path.Child("key"), a.Key, "requires metadata.name be non-empty"))
	} else {
		key := policy + "/" + a.Key
		for _, msg := range validation.IsQualifiedName(key) {
			errs = append(errs, field.Invalid(path.Child("key"), key, msg))
		}
	}
	value := path.Child("valueExpression")
	switch text := strings.TrimSpace(a.ValueExpression); {
	case text == "":
		errs = append(errs, field.Required(value, "valueExpression is not specified"))
	case len(text) > maxAnnotationLength:
		errs = append(errs, field.Required(value, fmt.Sprintf("must not exceed %d bytes in length", maxAnnotationLength)))
	case !c.old[a.ValueExpression]:
		errs = append(errs, wrong(value, a.ValueExpression, c.compiler.Check(text, c.scope(), cel.StringType, cel.NullType))...)
	}
	return errs
}

// validateValidatingStatus checks what a controller found out about a policy's types.
func validateValidatingStatus(_ kinds.Input, obj, _ *admissionv1.ValidatingAdmissionPolicy) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("status")
	if obj.Status.TypeChecking != nil {
		for i, w := range obj.Status.TypeChecking.ExpressionWarnings {
			p := path.Child("typeChecking", "expressionWarnings").Index(i)
			if w.Warning == "" {
				errs = append(errs, field.Required(p.Child("warning"), ""))
			}
			if strings.TrimSpace(w.FieldRef) == "" {
				errs = append(errs, field.Required(p.Child("fieldRef"), ""))
			} else if err := jsonpath.New("spec").Parse(fmt.Sprintf("{%s}", w.FieldRef)); err != nil {
				errs = append(errs, field.Invalid(p.Child("fieldRef"), w.FieldRef, fmt.Sprintf("invalid JSONPath: %v", err)))
			}
		}
	}
	return append(errs, metavalidation.ValidateConditions(obj.Status.Conditions, path.Child("conditions"))...)
}
