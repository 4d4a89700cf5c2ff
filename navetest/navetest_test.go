package navetest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/nave-k8s/nave/navetest"
)

// eventually asks until the answer is yes.
func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ask(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 20 seconds still not: %s", what)
		}
	}
}

// TestNamespaces tells what envtest does not do: a namespace gets its service account, and goes away.
func TestNamespaces(t *testing.T) {
	cp := navetest.Start(t, navetest.Objects(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}))
	client := kubernetes.NewForConfigOrDie(cp.Config)
	ctx := context.Background()
	eventually(t, "the service account is there", func() bool {
		_, err := client.CoreV1().ServiceAccounts("shop").Get(ctx, "default", metav1.GetOptions{})
		return err == nil
	})
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "prices"}}
	if _, err := client.CoreV1().ConfigMaps("shop").Create(ctx, cm, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.CoreV1().Namespaces().Delete(ctx, "shop", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace is gone", func() bool {
		_, err := client.CoreV1().Namespaces().Get(ctx, "shop", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

// TestManySideBySide: control planes do not see each other.
func TestManySideBySide(t *testing.T) {
	for i := range 10 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			client := kubernetes.NewForConfigOrDie(navetest.Start(t).Config)
			ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "mine"}}
			if _, err := client.CoreV1().Namespaces().Create(context.Background(), ns, metav1.CreateOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWithoutControllers(t *testing.T) {
	client := kubernetes.NewForConfigOrDie(navetest.Start(t, navetest.Controllers()).Config)
	time.Sleep(100 * time.Millisecond)
	if _, err := client.CoreV1().ServiceAccounts("default").Get(context.Background(), "default", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("somebody made the service account: %v", err)
	}
}

func BenchmarkStartStop(b *testing.B) {
	for range b.N {
		navetest.Start(b).Stop()
	}
}
