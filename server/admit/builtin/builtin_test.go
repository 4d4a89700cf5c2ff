package builtin

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func config() Config {
	return Config{
		Reader: admittest.NewWorld(
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ns"}},
			&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "default"}},
		),
		Writer:  admittest.NewWorld(),
		Release: "1.37.2",
		Suffix:  func(n int) string { return strings.Repeat("x", n) },
	}
}

func TestDefaultPlugins(t *testing.T) {
	chain, err := New(config())
	if err != nil {
		t.Fatal(err)
	}
	want, _ := admit.Enabled(nil, nil)
	if got := chain.Names(); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestNewRefuses(t *testing.T) {
	c := config()
	c.Enable = []string{"ImagePolicyWebhook"}
	if _, err := New(c); err == nil || err.Error() != "admission plugin ImagePolicyWebhook is not supported" {
		t.Errorf("got %v", err)
	}
}

// TestEveryPlugin: all but the one that needs a backend are supported.
func TestEveryPlugin(t *testing.T) {
	c := config()
	c.Settings = map[string][]byte{"EventRateLimit": []byte("{apiVersion: eventratelimit.admission.k8s.io/v1alpha1, kind: Configuration, limits: [{type: Server, qps: 1, burst: 1}]}")}
	for _, p := range admit.Order() {
		if p.Name != "ImagePolicyWebhook" {
			c.Enable = append(c.Enable, p.Name)
		}
	}
	chain, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(chain.Names()), len(c.Enable); got != want {
		t.Errorf("%d plugins, want %d: %v", got, want, chain.Names())
	}
}

func configMap() *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "c"}}
}

// BenchmarkNothingConfigured is what admission adds to a write in a cluster that has configured nothing.
func BenchmarkNothingConfigured(b *testing.B) {
	chain, err := New(config())
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	for _, bench := range []struct {
		name  string
		write func() *admit.Attributes
	}{
		{"configmap", func() *admit.Attributes { return admittest.Write(admit.Create, configMap(), nil) }},
		{"pod", func() *admit.Attributes {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}}}
			return admittest.Write(admit.Create, pod, nil)
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a := bench.write()
				if err := chain.Mutate(ctx, a); err != nil {
					b.Fatal(err)
				}
				if err := chain.Review(ctx, a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
