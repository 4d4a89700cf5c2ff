package crash

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/nave-k8s/nave/test/up"
)

// A server is a nave up that is killed and comes back at the same address on the same data.
type server struct {
	*up.Server
	dir   string
	flags []string
}

// startServer starts the API server alone: what the writers write must be theirs.
func startServer(t *testing.T, flags ...string) *server {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{dir: filepath.Join(t.TempDir(), "data"), flags: append([]string{"--secure-port", port, "--without", "controllers,scheduler,cloud,nodes"}, flags...)}
	s.start(t)
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() && s.Stderr() != "" {
			t.Logf("nave up wrote:\n%s", s.Stderr())
		}
	})
	return s
}

func (s *server) start(t *testing.T) {
	t.Helper()
	var err error
	if s.Server, err = up.Run(up.Binary(t), s.dir, s.flags...); err != nil {
		t.Fatal(err)
	}
}

// config is for a client of its own, with connections of its own.
func (s *server) config(t *testing.T, contentType string) *rest.Config {
	t.Helper()
	c := s.Config(t)
	c.QPS = -1
	c.ContentType = contentType
	c.Timeout = time.Minute
	return c
}

func (s *server) client(t *testing.T, contentType string) kubernetes.Interface {
	t.Helper()
	c, err := kubernetes.NewForConfig(s.config(t, contentType))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	inJSON     = "application/json"
	inProtobuf = "application/vnd.kubernetes.protobuf"
)

// makeNamespace makes one in which pods can be made, though no controller runs.
func makeNamespace(t *testing.T, c kubernetes.Interface, name string) {
	t.Helper()
	ctx := context.Background()
	if _, err := c.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	if _, err := c.CoreV1().ServiceAccounts(name).Create(ctx, account, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}
