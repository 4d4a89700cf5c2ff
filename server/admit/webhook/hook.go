// Package webhook has the plugins MutatingAdmissionWebhook and ValidatingAdmissionWebhook: writes are shown to
// servers that the configurations of the cluster name, which may change or refuse them.
package webhook

import (
	"fmt"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/kinds/expression"
	"github.com/nave-k8s/nave/server/admit/eval"
	"github.com/nave-k8s/nave/server/admit/match"
)

// A hook is one webhook of a configuration, made ready.
type hook struct {
	configuration, name string
	id                  string // tells webhooks of one name apart

	rules      []match.Rule
	equivalent bool
	selectors  match.Selectors
	conditions *eval.MatchConditions

	fail        bool // the failure policy: refuse if the webhook cannot be asked
	reinvoke    bool // ask again after others have changed the object
	sideEffects *admissionregistrationv1.SideEffectClass
	timeout     time.Duration
	versions    []string // of AdmissionReview that it takes
	client      *client

	broken error // it can never be asked
}

// common is what mutating and validating webhooks have alike.
type common struct {
	name              string
	clientConfig      *admissionregistrationv1.WebhookClientConfig
	rules             []match.Rule
	failurePolicy     *admissionregistrationv1.FailurePolicyType
	matchPolicy       *admissionregistrationv1.MatchPolicyType
	namespaceSelector *metav1.LabelSelector
	objectSelector    *metav1.LabelSelector
	sideEffects       *admissionregistrationv1.SideEffectClass
	timeoutSeconds    *int32
	versions          []string
	conditions        []admissionregistrationv1.MatchCondition
}

// defaultTimeout is that of a webhook which names none.
const defaultTimeout = 10 * time.Second

func (s *source) compile(compiler *expression.Compiler, configuration string, index int, c common) *hook {
	h := &hook{
		configuration: configuration, name: c.name, id: fmt.Sprintf("%s/%s/%d", configuration, c.name, index),
		rules:       c.rules,
		equivalent:  c.matchPolicy == nil || *c.matchPolicy == admissionregistrationv1.Equivalent,
		fail:        c.failurePolicy == nil || *c.failurePolicy == admissionregistrationv1.Fail,
		sideEffects: c.sideEffects, timeout: defaultTimeout, versions: c.versions,
	}
	if c.timeoutSeconds != nil {
		h.timeout = time.Duration(*c.timeoutSeconds) * time.Second
	}
	selectors, err := match.ParseSelectors(c.namespaceSelector, c.objectSelector)
	if err != nil { // then it is about everything, and cannot be asked
		selectors = match.Selectors{Namespace: labels.Everything(), Object: labels.Everything()}
	}
	h.selectors, h.broken = selectors, err
	h.conditions = eval.CompileConditions(compiler, c.conditions, expression.Scope{Authorizer: true}, h.fail)
	if h.broken == nil {
		h.client, h.broken = s.clients.of(c.clientConfig)
	}
	return h
}
