package webhook

import (
	"context"
	"fmt"
	"sync"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/expression"
	"github.com/nave-k8s/nave/server/admit"
)

// A source follows the configurations of one kind. They are compiled when somebody first writes after a change.
type source struct {
	reader  admit.Reader
	plural  string
	read    func(s *source, compiler *expression.Compiler, obj kinds.Object) ([]*hook, error)
	clients *clients

	mu       sync.Mutex
	revision int64
	known    bool
	hooks    []*hook
}

// current returns the webhooks, by name of configuration and then in the order they stand there.
func (s *source) current(ctx context.Context) ([]*hook, error) {
	revision, err := s.reader.Revision(ctx, admissionregistrationv1.GroupName, s.plural, "", "")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known && s.revision == revision {
		return s.hooks, nil
	}
	objs, err := s.reader.List(ctx, admissionregistrationv1.GroupName, s.plural, "")
	if err != nil {
		return nil, err
	}
	compiler := expression.NewStoredCompiler(false)
	var hooks []*hook
	s.clients.begin()
	for _, obj := range objs {
		more, err := s.read(s, compiler, obj)
		if err != nil {
			return nil, err
		}
		hooks = append(hooks, more...)
	}
	s.clients.end()
	s.hooks, s.revision, s.known = hooks, revision, true
	return hooks, nil
}

func readMutating(s *source, compiler *expression.Compiler, obj kinds.Object) ([]*hook, error) {
	c, ok := obj.(*admissionregistrationv1.MutatingWebhookConfiguration)
	if !ok {
		return nil, fmt.Errorf("webhook configuration is a %T", obj)
	}
	out := make([]*hook, len(c.Webhooks))
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		out[i] = s.compile(compiler, c.Name, i, common{
			w.Name, &w.ClientConfig, w.Rules, w.FailurePolicy, w.MatchPolicy, w.NamespaceSelector, w.ObjectSelector,
			w.SideEffects, w.TimeoutSeconds, w.AdmissionReviewVersions, w.MatchConditions,
		})
		out[i].reinvoke = w.ReinvocationPolicy != nil && *w.ReinvocationPolicy == admissionregistrationv1.IfNeededReinvocationPolicy
	}
	return out, nil
}

func readValidating(s *source, compiler *expression.Compiler, obj kinds.Object) ([]*hook, error) {
	c, ok := obj.(*admissionregistrationv1.ValidatingWebhookConfiguration)
	if !ok {
		return nil, fmt.Errorf("webhook configuration is a %T", obj)
	}
	out := make([]*hook, len(c.Webhooks))
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		out[i] = s.compile(compiler, c.Name, i, common{
			w.Name, &w.ClientConfig, w.Rules, w.FailurePolicy, w.MatchPolicy, w.NamespaceSelector, w.ObjectSelector,
			w.SideEffects, w.TimeoutSeconds, w.AdmissionReviewVersions, w.MatchConditions,
		})
	}
	return out, nil
}
