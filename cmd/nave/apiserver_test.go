package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/nave-k8s/nave/server/pki"
	"github.com/nave-k8s/nave/store/etcdtest"
)

// TestMain lets the test's own program be kube-apiserver, by its name, as envtest runs it.
func TestMain(m *testing.M) {
	if os.Getenv("NAVE_TEST_AS_KUBE_APISERVER") != "" {
		os.Args[0] = "kube-apiserver"
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func kubeAPIServer(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), "NAVE_TEST_AS_KUBE_APISERVER=1")
	return c
}

// TestHelp: envtest asks --help which flags there are, with this expression, before it uses one.
func TestHelp(t *testing.T) {
	out, err := kubeAPIServer(t, "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	for flag, there := range map[string]bool{"insecure-port": false, "etcd-servers": true, "audit-log-path": true, "help": true, "v": true} {
		if regexp.MustCompile(`(?m)^\s*(-h, |-v, )?--`+flag+`\b`).Match(out) != there {
			t.Errorf("--%s: there should be one: %v", flag, there)
		}
	}
	for _, section := range []string{"Generic", "Secure serving", "API enablement", "Global"} {
		if !strings.Contains(string(out), "\n"+section+" flags:\n") {
			t.Errorf("no section %q", section)
		}
	}
}

func TestUnknownFlag(t *testing.T) {
	out, err := kubeAPIServer(t, "--insecure-port=8080").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "unknown flag: --insecure-port") {
		t.Errorf("%v: %s", err, out)
	}
}

// envtest is what envtest makes before it starts a server.
type envtest struct {
	dir       string
	ca        *pki.Authority
	port      int
	etcd      string
	adminCert []byte
	adminKey  []byte
}

func newEnvtest(t *testing.T) *envtest {
	t.Helper()
	c := &envtest{dir: t.TempDir(), etcd: etcdtest.Serve(t)}
	f := pki.Folder{Dir: c.dir, Now: time.Now}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	c.ca, err = f.Authority("ca")
	must(err)
	_, err = f.Certificate(c.ca, pki.Leaf{File: "apiserver", CommonName: "localhost", Hosts: []string{"127.0.0.1", "localhost"}})
	must(err)
	_, err = f.Certificate(c.ca, pki.Leaf{File: "admin", CommonName: "admin", Organizations: []string{"system:masters"}})
	must(err)
	_, err = f.SigningKey("sa.key")
	must(err)
	c.adminCert, err = os.ReadFile(filepath.Join(c.dir, "admin.crt"))
	must(err)
	c.adminKey, err = os.ReadFile(filepath.Join(c.dir, "admin.key"))
	must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	c.port = portOf(l)
	must(l.Close())
	return c
}

// args are those of envtest, in its order.
func (c *envtest) args(more ...string) []string {
	key := filepath.Join(c.dir, "sa.key")
	return append([]string{
		"--advertise-address=127.0.0.1",
		"--allow-privileged=true",
		"--authorization-mode=RBAC",
		"--bind-address=127.0.0.1",
		"--cert-dir=" + c.dir,
		"--client-ca-file=" + filepath.Join(c.dir, "ca.crt"),
		"--disable-admission-plugins=ServiceAccount",
		"--etcd-servers=http://" + c.etcd,
		fmt.Sprintf("--secure-port=%d", c.port),
		fmt.Sprintf("--service-account-issuer=https://127.0.0.1:%d/", c.port),
		"--service-account-key-file=" + key,
		"--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.0.0.0/24",
	}, more...)
}

func (c *envtest) client(t *testing.T) *kubernetes.Clientset {
	t.Helper()
	client, err := kubernetes.NewForConfig(&rest.Config{
		Host:            fmt.Sprintf("https://127.0.0.1:%d", c.port),
		TLSClientConfig: rest.TLSClientConfig{CAData: c.ca.PEM, CertData: c.adminCert, KeyData: c.adminKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestEnvtest(t *testing.T) {
	c := newEnvtest(t)
	server := kubeAPIServer(t, c.args("--audit-log-path=/dev/null")...)
	var log bytes.Buffer
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		server.Process.Kill() //nolint:errcheck // it may have ended
		if t.Failed() {
			t.Log(log.String())
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	client := c.client(t)
	for client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error() != nil {
		if ctx.Err() != nil {
			t.Fatal("never ready")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := client.CoreV1().ConfigMaps("default").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// Its endpoints cannot be at the loopback, so there are none; kube-apiserver says the same.
	service, err := client.CoreV1().Services("default").Get(ctx, "kubernetes", metav1.GetOptions{})
	if err != nil || service.Spec.ClusterIP != "10.0.0.1" || service.Spec.Ports[0].TargetPort.IntValue() != c.port {
		t.Errorf("service %+v, %v", service, err)
	}
	// With ServiceAccount off, pods need no service account.
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}}}
	if _, err := client.CoreV1().Pods("default").Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
	watch, err := client.CoreV1().Pods("default").Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	<-watch.ResultChan() // of the pod
	stopped := time.Now()
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if event, open := <-watch.ResultChan(); open {
		t.Errorf("the watch did not just end: %+v", event)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("the end: %v", err)
	}
	if took := time.Since(stopped); took > time.Second {
		t.Errorf("stopping took %v", took)
	}
	if !strings.Contains(log.String(), "flag=--audit-log-path") {
		t.Error("nothing is said of a flag without effect")
	}
}
