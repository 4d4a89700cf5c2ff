package webhook

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/match"
)

// Validating is ValidatingAdmissionWebhook: all webhooks that want the write are asked at once.
type Validating struct {
	Config
	source *source
}

// NewValidating returns the plugin.
func NewValidating(c Config) *Validating {
	return &Validating{c, &source{
		reader: c.Reader, plural: "validatingwebhookconfigurations", read: readValidating, clients: &clients{reader: c.Reader},
	}}
}

// Name is the plugin's name.
func (*Validating) Name() string { return "ValidatingAdmissionWebhook" }

// Handles reports whether the plugin wants writes of this kind: all.
func (*Validating) Handles(admit.Operation) bool { return true }

// answer is what came of asking one webhook.
type answer struct {
	took     time.Duration
	hook     *hook
	index    int
	response *admissionv1.AdmissionResponse
	err      error
}

// Review asks the webhooks, waits for all, and refuses with the first refusal in the order of the configurations.
func (p *Validating) Review(ctx context.Context, a *admit.Attributes) error {
	if match.Exempt(a) {
		return nil
	}
	hooks, err := p.source.current(ctx)
	if err != nil || len(hooks) == 0 {
		return err
	}
	var (
		q       = p.asking(a)
		answers []*answer
		waiting sync.WaitGroup
	)
	for i, h := range hooks {
		v, err := q.wants(ctx, h)
		if err != nil {
			waiting.Wait()
			return err
		}
		if v == nil {
			continue
		}
		one := &answer{hook: h, index: i}
		answers = append(answers, one)
		// The question is made here: only the sending happens at once.
		question, err := ask(h, a, v)
		if err != nil {
			one.err = err
			continue
		}
		waiting.Go(func() {
			started := time.Now()
			one.response, one.err = question.send(ctx, false)
			one.took = time.Since(started)
		})
	}
	if len(answers) == 0 {
		return nil
	}
	leave := a.Request.Timeline.Enter("webhooks")
	waiting.Wait()
	var refusal error
	for _, one := range answers {
		err := p.outcome(ctx, a, one)
		p.took(one.hook, a, false, err, one.took)
		if err != nil && refusal == nil {
			refusal = err
		}
	}
	if refusal != nil {
		leave("deny", refusal.Error())
		return refusal
	}
	leave("allow", fmt.Sprintf("%d asked", len(answers)))
	return nil
}

func (p *Validating) outcome(ctx context.Context, a *admit.Attributes, one *answer) error {
	var failed *callError
	switch {
	case errors.As(one.err, &failed) && !one.hook.fail:
		a.Request.Annotate(fmt.Sprintf("failed-open.validating.webhook.admission.k8s.io/round_0_index_%d", one.index), one.hook.name)
		if ctx.Err() != nil {
			return apierrors.NewTimeoutError("request did not complete within requested timeout", 0)
		}
		return nil
	case failed != nil:
		return apierrors.NewInternalError(one.err)
	case one.err != nil:
		return one.err
	}
	note(a, one.hook, one.response)
	if !one.response.Allowed {
		return denied(one.hook.name, one.response.Result)
	}
	return nil
}
