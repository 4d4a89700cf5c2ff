package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// pair is two servers on one etcd.
type pair struct {
	a, b    *server
	clients [2]kubernetes.Interface
}

func startPair(t *testing.T) *pair {
	t.Helper()
	e := startEtcd(t)
	flag := "http://" + e.address
	p := &pair{a: startServer(t, "--etcd-servers", flag), b: startServer(t, "--etcd-servers", flag)}
	p.clients = [2]kubernetes.Interface{p.a.client(t, inJSON), p.b.client(t, inProtobuf)}
	makeNamespace(t, p.clients[0], namespace)
	return p
}

func TestTwoServers(t *testing.T) {
	p := startPair(t)
	t.Run("no update is lost", p.counts)
	t.Run("patches of different fields meet", p.patches)
	t.Run("addresses and ports are unique", p.services)
	t.Run("a read at the other server sees the write", p.reads)
	t.Run("a watch at the other server sees writes in order", p.watches)
	t.Run("one is killed and the other serves on", p.outlive)
}

// counts adds to one number through both servers, by compare-and-swap.
func (p *pair) counts(t *testing.T) {
	ctx := context.Background()
	const workers, each = 6, 15
	start := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "counter"}, Data: map[string]string{"n": "0"}}
	if _, err := p.clients[0].CoreV1().ConfigMaps(namespace).Create(ctx, start, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for i := range workers {
		work.Go(func() {
			c := p.clients[i%2].CoreV1().ConfigMaps(namespace)
			for done := 0; done < each; {
				cm, err := c.Get(ctx, "counter", metav1.GetOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				n, _ := strconv.Atoi(cm.Data["n"])
				cm.Data["n"] = strconv.Itoa(n + 1)
				switch _, err = c.Update(ctx, cm, metav1.UpdateOptions{}); {
				case err == nil:
					done++
				case !apierrors.IsConflict(err):
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	for _, c := range p.clients {
		cm, err := c.CoreV1().ConfigMaps(namespace).Get(ctx, "counter", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if want := strconv.Itoa(workers * each); cm.Data["n"] != want {
			t.Errorf("%s, not %s", cm.Data["n"], want)
		}
	}
}

// patches of each type set fields of their own in one object, without a version: the servers make up for each other's races.
func (p *pair) patches(t *testing.T) {
	ctx := context.Background()
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "board"}, Data: map[string]string{"start": ""}}
	if _, err := p.clients[1].CoreV1().ConfigMaps(namespace).Create(ctx, cm, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	const workers, each = 8, 10
	yes := true
	var work sync.WaitGroup
	for i := range workers {
		work.Go(func() {
			c := p.clients[i%2].CoreV1().ConfigMaps(namespace)
			for n := range each {
				key := fmt.Sprintf("w%d-%d", i, n)
				typ, options := types.MergePatchType, metav1.PatchOptions{}
				text := fmt.Sprintf(`{"data":{%q:"x"}}`, key)
				switch i / 2 {
				case 1:
					typ = types.StrategicMergePatchType
				case 2:
					typ, text = types.JSONPatchType, fmt.Sprintf(`[{"op":"add","path":"/data/%s","value":"x"}]`, key)
				case 3:
					typ, options = types.ApplyPatchType, metav1.PatchOptions{FieldManager: key, Force: &yes}
					text = fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"board"},"data":{%q:"x"}}`, key)
				}
				if _, err := c.Patch(ctx, "board", typ, []byte(text), options); err != nil {
					t.Errorf("%s: %v", key, err)
				}
			}
		})
	}
	work.Wait()
	for _, c := range p.clients {
		got, err := c.CoreV1().ConfigMaps(namespace).Get(ctx, "board", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if want := workers*each + 1; len(got.Data) != want {
			t.Errorf("%d keys, not %d", len(got.Data), want)
		}
	}
}

// services are made through both at once, removed and made again: no two have an address or a port in common.
func (p *pair) services(t *testing.T) {
	ctx := context.Background()
	const workers, each = 6, 8
	for pass := range 2 {
		var mu sync.Mutex
		holder := map[string]string{}
		var work sync.WaitGroup
		for i := range workers {
			work.Go(func() {
				c := p.clients[i%2].CoreV1().Services(namespace)
				for n := range each {
					s := &corev1.Service{
						ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("s%d-%d-%d", pass, i, n)},
						Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Name: "a", Port: 80}, {Name: "b", Port: 81}}},
					}
					got, err := c.Create(ctx, s, metav1.CreateOptions{})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, has := range []string{got.Spec.ClusterIP, strconv.Itoa(int(got.Spec.Ports[0].NodePort)), strconv.Itoa(int(got.Spec.Ports[1].NodePort))} {
						if other := holder[has]; other != "" || has == "" || has == "0" {
							t.Errorf("%q is of %s and of %s", has, other, got.Name)
						}
						holder[has] = got.Name
					}
					mu.Unlock()
				}
			})
		}
		work.Wait()
		p.sameAddress(t)
		for i := range workers {
			for n := range each { // through the other one
				if err := p.clients[(i+1)%2].CoreV1().Services(namespace).Delete(ctx, fmt.Sprintf("s%d-%d-%d", pass, i, n), metav1.DeleteOptions{}); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// sameAddress asks both servers at once for the same address and the same port: not both get it. It may be that neither does,
// where each has the half; then nothing may be left of it. Both are of those that are given only to who asks for them.
func (p *pair) sameAddress(t *testing.T) {
	t.Helper()
	for n := range 5 {
		service := func(i int) *corev1.Service {
			s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("same-%d-%d", n, i)}}
			s.Spec.Type, s.Spec.ClusterIP = corev1.ServiceTypeNodePort, fmt.Sprintf("10.96.0.%d", 200+n)
			s.Spec.Ports = []corev1.ServicePort{{Port: 80, NodePort: int32(30010 + n)}}
			return s
		}
		create := func(i int) error {
			_, err := p.clients[i].CoreV1().Services(namespace).Create(context.Background(), service(i), metav1.CreateOptions{})
			if err != nil && !apierrors.IsInvalid(err) {
				t.Error(err)
			}
			return err
		}
		var errs [2]error
		var work sync.WaitGroup
		for i := range errs {
			work.Go(func() { errs[i] = create(i) })
		}
		work.Wait()
		switch {
		case errs[0] == nil && errs[1] == nil:
			t.Error("both have one address")
		case errs[0] != nil && errs[1] != nil:
			if errs[0] = create(0); errs[0] != nil {
				t.Errorf("nobody has it, and nobody can: %v", errs[0])
			}
		}
		for i, err := range errs {
			if err != nil {
				continue
			}
			if err := p.clients[i].CoreV1().Services(namespace).Delete(context.Background(), service(i).Name, metav1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		}
	}
}

// reads writes at one server and reads at the other at once, without a resource version.
func (p *pair) reads(t *testing.T) {
	ctx := context.Background()
	for i := range 60 {
		here, there := p.clients[i%2].CoreV1().ConfigMaps(namespace), p.clients[(i+1)%2].CoreV1().ConfigMaps(namespace)
		name := fmt.Sprintf("read-%d", i/3)
		var wrote *corev1.ConfigMap
		var err error
		cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"read": "yes"}}, Data: map[string]string{"i": strconv.Itoa(i)}}
		switch i % 3 {
		case 0:
			wrote, err = here.Create(ctx, cm, metav1.CreateOptions{})
		case 1:
			wrote, err = here.Update(ctx, cm, metav1.UpdateOptions{})
		case 2:
			err = here.Delete(ctx, name, metav1.DeleteOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := there.Get(ctx, name, metav1.GetOptions{})
		list, listErr := there.List(ctx, metav1.ListOptions{LabelSelector: "read=yes"})
		switch {
		case listErr != nil:
			t.Fatal(listErr)
		case wrote == nil && (!apierrors.IsNotFound(err) || len(list.Items) != 0):
			t.Errorf("%d: is deleted, and the other server has it: %v, %d in the list", i, err, len(list.Items))
		case wrote != nil && (err != nil || got.ResourceVersion != wrote.ResourceVersion):
			t.Errorf("%d: the other server has not what was written: %v, %v", i, got, err)
		case wrote != nil && (len(list.Items) != 1 || list.Items[0].ResourceVersion != wrote.ResourceVersion):
			t.Errorf("%d: the other server does not list what was written", i)
		}
	}
}

// watches sees, at the one, what a writer at the other was told.
func (p *pair) watches(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	const namespace = "order"
	makeNamespace(t, p.clients[0], namespace)
	here, there := configMaps(p.clients[0], namespace), configMaps(p.clients[1], namespace)
	_, revision, err := there.list(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// The write is seen at the revision that its answer told, and in the order of the writes.
	const writes = 100
	done := make(chan error, 1)
	want := make([]version, 0, writes)
	go func() {
		for i := range writes {
			v, err := here.create(ctx, fmt.Sprintf("order-%d", i), strconv.Itoa(i))
			if err != nil {
				done <- err
				return
			}
			want = append(want, v)
		}
		_, err := here.create(ctx, endName+"order", "end")
		done <- err
	}()
	seen, err := follow(ctx, there, revision, endName+"order")
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(want) {
		t.Fatalf("%d events of %d writes", len(seen), len(want))
	}
	for i := range want {
		if seen[i].name != want[i].name || seen[i].revision != want[i].revision {
			t.Errorf("event %d is %v, the write was %v", i, seen[i], want[i])
		}
	}
}

// outlive kills the first server in the middle of writes through both: the second answers all of its own, and has
// all that the first acknowledged.
func (p *pair) outlive(t *testing.T) {
	ctx := context.Background()
	c := p.clients[1].CoreV1().ConfigMaps(namespace)
	stop := make(chan struct{})
	var mu sync.Mutex
	acknowledged := map[string]string{}
	var work sync.WaitGroup
	for i := range 4 {
		work.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				name := fmt.Sprintf("outlive-%d-%d", i, n)
				cm, err := p.clients[i%2].CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
				if err != nil {
					if i%2 == 1 {
						t.Errorf("the server that lives: %v", err)
					}
					return
				}
				mu.Lock()
				acknowledged[name] = cm.ResourceVersion
				mu.Unlock()
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	p.a.Kill()
	time.Sleep(200 * time.Millisecond)
	close(stop)
	work.Wait()
	p.a.start(t)
	for who, c := range []kubernetes.Interface{p.a.client(t, inJSON), p.clients[1]} {
		list, err := c.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]string{}
		for _, cm := range list.Items {
			there[cm.Name] = cm.ResourceVersion
		}
		for name, revision := range acknowledged {
			if there[name] != revision {
				t.Errorf("server %d has %s at %q, acknowledged at %s", who, name, there[name], revision)
			}
		}
	}
	patch, _ := json.Marshal(map[string]any{"data": map[string]string{"after": "all"}})
	if _, err := c.Patch(ctx, "counter", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Error(err)
	}
}
