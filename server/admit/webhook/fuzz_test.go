package webhook

import (
	"encoding/json"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"github.com/nave-k8s/nave/server/admit/match"
	"github.com/nave-k8s/nave/server/admit/view"
)

// FuzzAnswer: whatever a webhook answers, it changes the object into another of its kind, or is an error.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"response":{}}`, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u","allowed":true}}`,
		`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u","allowed":true,"patchType":"JSONPatch","patch":"W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6IiIsInZhbHVlIjpudWxsfV0="}}`,
		`{"response":{"uid":"u","allowed":true,"patch":"W3sib3AiOiJjb3B5IiwiZnJvbSI6IiIsInBhdGgiOiIvZGF0YS9hIn1d","patchType":"x"}}`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, old bool) {
		q := &question{hook: &hook{name: "w"}, version: "v1", uid: "u"}
		if old {
			q.version = "v1beta1"
		}
		var review admissionv1.AdmissionReview
		if json.Unmarshal(body, &review) != nil || q.verify(&review, true) != nil || !review.Response.Allowed || len(review.Response.Patch) == 0 {
			return
		}
		a := write()
		v := view.Of(a, match.Of(a))
		if _, err := apply(a, q.hook, v, review.Response); err != nil {
			return
		}
		if _, _, err := v.JSON(); err != nil {
			t.Errorf("the object cannot be encoded any more: %v", err)
		}
	})
}
