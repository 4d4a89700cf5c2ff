package eventratelimit

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

const head = "{apiVersion: eventratelimit.admission.k8s.io/v1alpha1, kind: Configuration, "

func TestReview(t *testing.T) {
	plugin, err := New([]byte(head + "limits: [{type: Namespace, qps: 1, burst: 2}, {type: User, qps: 10, burst: 100}]}"))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Unix(100, 0)
	for i, step := range []struct {
		namespace string
		after     time.Duration
		dryRun    bool
		ok        bool
	}{
		{"a", 0, false, true}, {"a", 0, true, true}, {"a", 0, false, true}, {"a", 0, false, false},
		{"b", 0, false, true}, // another namespace has a bucket of its own
		{"a", time.Second, false, true},
		{"a", time.Second, false, false},
	} {
		a := admittest.By(admittest.Write(admit.Create, &corev1.Event{ObjectMeta: metav1.ObjectMeta{Namespace: step.namespace}}, nil), "u")
		a.Now, a.DryRun = metav1.NewTime(start.Add(step.after)), step.dryRun
		err := plugin.Review(context.Background(), a)
		if step.ok && err != nil {
			t.Errorf("step %d: %v", i, err)
		}
		if !step.ok && (!apierrors.IsTooManyRequests(err) || err.Error() != "Too many requests: limit reached on type Namespace for key a") {
			t.Errorf("step %d: got %v", i, err)
		}
	}
	other := admittest.Write(admit.Create, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "a"}}, nil)
	if err := plugin.Review(context.Background(), other); err != nil {
		t.Errorf("limited something else: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for config, want := range map[string]string{
		"":              "must not be empty",
		"{kind: Other}": "no kind",
		head + "limits: [{type: Odd, qps: 1, burst: 1}]}":    "Unsupported value",
		head + "limits: [{type: Server, qps: 0, burst: 1}]}": "must be positive",
	} {
		if _, err := New([]byte(config)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", config, err, want)
		}
	}
}
