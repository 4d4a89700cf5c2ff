package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/match"
	"github.com/nave-k8s/nave/server/admit/view"
)

// maxOperations is the most operations of a patch.
const maxOperations = 10_000

// Mutating is MutatingAdmissionWebhook: webhooks are asked one after the other, each sees what those before made
// of the object.
type Mutating struct {
	Config
	source *source
}

// NewMutating returns the plugin.
func NewMutating(c Config) *Mutating {
	return &Mutating{c, &source{
		reader: c.Reader, plural: "mutatingwebhookconfigurations", read: readMutating, clients: &clients{reader: c.Reader},
	}}
}

// Name is the plugin's name.
func (*Mutating) Name() string { return "MutatingAdmissionWebhook" }

// Handles reports whether the plugin wants writes of this kind: all.
func (*Mutating) Handles(admit.Operation) bool { return true }

// rounds is what the plugin knows of a write from one round to the next.
type rounds struct {
	waiting  map[string]bool // asked, and willing to be asked again should the object change
	again    map[string]bool // to be asked again: it did change
	lastSeen []byte          // the object when the webhooks were through with it
}

// changed: whoever was asked before is to be asked again.
func (r *rounds) changed() {
	for id := range r.waiting {
		r.again[id] = true
	}
	r.waiting = map[string]bool{}
}

// Mutate asks the webhooks that want the write. A second round, in which all mutators run, asks those again that
// were asked before somebody changed the object (reinvocationPolicy IfNeeded).
func (m *Mutating) Mutate(ctx context.Context, a *admit.Attributes) error {
	if match.Exempt(a) {
		return nil
	}
	hooks, err := m.source.current(ctx)
	if err != nil || len(hooks) == 0 {
		return err
	}
	q := m.asking(a)
	r, _ := a.Recall(m.Name()).(*rounds)
	if r == nil {
		r = &rounds{waiting: map[string]bool{}, again: map[string]bool{}}
		a.Remember(m.Name(), r)
	} else if len(r.waiting) > 0 {
		seen, err := q.fingerprint()
		if err != nil {
			return err
		}
		if !bytes.Equal(seen, r.lastSeen) {
			r.changed() // by other mutators, in this round
		}
	}
	for i, h := range hooks {
		v, err := q.wants(ctx, h)
		if err != nil {
			return err
		}
		if v == nil || a.Round > 0 && !r.again[h.id] {
			continue
		}
		changed, err := m.mutate(ctx, q, h, v, i)
		if err != nil {
			return err
		}
		if changed {
			q.changed()
			r.changed()
			a.Again()
		}
		if h.reinvoke {
			r.waiting[h.id] = true
		}
	}
	if len(r.waiting) > 0 {
		r.lastSeen, err = q.fingerprint()
	}
	return err
}

// fingerprint tells whether the object is another than before.
func (q *asking) fingerprint() ([]byte, error) {
	raw, _, err := view.Of(q.a, match.Of(q.a)).JSON()
	return raw, err
}

// mutate asks one webhook and does what it says. The failure policy decides what happens if it cannot be asked.
func (m *Mutating) mutate(ctx context.Context, q *asking, h *hook, v *view.View, index int) (changed bool, err error) {
	leave, started := q.a.Request.Timeline.Enter("webhook"), time.Now()
	changed, err = m.call(ctx, q.a, h, v)
	took := time.Since(started)
	defer func() { m.took(h, q.a, true, err, took) }() // err is what comes of it for the write
	var failed *callError
	switch {
	case errors.As(err, &failed) && !h.fail:
		leave("skip", failed.Error())
		q.a.Request.Annotate(fmt.Sprintf("failed-open.mutation.webhook.admission.k8s.io/round_%d_index_%d", q.a.Round, index), h.name)
		if ctx.Err() != nil {
			return false, apierrors.NewTimeoutError("request did not complete within requested timeout", 0)
		}
		return false, nil
	case failed != nil:
		leave("deny", failed.Error())
		return false, apierrors.NewInternalError(err)
	case err != nil:
		leave("deny", err.Error())
		return false, err
	}
	leave("allow", h.name)
	note, err := json.Marshal(struct {
		Configuration string `json:"configuration"`
		Webhook       string `json:"webhook"`
		Mutated       bool   `json:"mutated"`
	}{h.configuration, h.name, changed})
	q.a.Request.Annotate(fmt.Sprintf("mutation.webhook.admission.k8s.io/round_%d_index_%d", q.a.Round, index), string(note))
	return changed, err
}

func (m *Mutating) call(ctx context.Context, a *admit.Attributes, h *hook, v *view.View) (bool, error) {
	question, err := ask(h, a, v)
	if err != nil {
		return false, err
	}
	r, err := question.send(ctx, true)
	if err != nil {
		return false, err
	}
	note(a, h, r)
	if !r.Allowed {
		return false, denied(h.name, r.Result)
	}
	if len(r.Patch) == 0 {
		return false, nil
	}
	return apply(a, h, v, r)
}

// note passes on what a webhook tells besides its answer.
func note(a *admit.Attributes, h *hook, r *admissionv1.AdmissionResponse) {
	for key, value := range r.AuditAnnotations {
		a.Request.Annotate(h.name+"/"+key, value)
	}
	for _, text := range r.Warnings {
		a.Request.Warn(text)
	}
}

// apply applies a webhook's patch to the object, in the version that the webhook saw.
func apply(a *admit.Attributes, h *hook, v *view.View, r *admissionv1.AdmissionResponse) (bool, error) {
	if *r.PatchType != admissionv1.PatchTypeJSONPatch {
		return false, &callError{h.name, fmt.Errorf("unsupported patch type %q", *r.PatchType)}
	}
	patch, err := jsonpatch.DecodePatch(r.Patch)
	if err != nil {
		return false, apierrors.NewInternalError(err)
	}
	if len(patch) == 0 {
		return false, nil
	}
	if len(patch) > maxOperations {
		return false, apierrors.NewInternalError(fmt.Errorf("admission webhook %q returned a patch of %d operations; at most %d are allowed", h.name, len(patch), maxOperations))
	}
	object, _, err := v.JSON()
	if err != nil {
		return false, err
	}
	if object == nil {
		return false, apierrors.NewInternalError(fmt.Errorf("admission webhook %q attempted to modify the object, which is not supported for this operation", h.name))
	}
	patched, err := patch.Apply(object)
	if err != nil {
		return false, apierrors.NewInternalError(err)
	}
	changed, err := v.Replace(patched)
	if err != nil {
		return false, apierrors.NewInternalError(err)
	}
	return changed, nil
}
