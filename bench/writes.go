package main

import (
	"context"
	"fmt"
)

const (
	configMaps = "/api/v1/namespaces/" + namespace + "/configmaps"
	pods       = "/api/v1/namespaces/" + namespace + "/pods"

	jsonType      = "application/json"
	protobufType  = "application/vnd.kubernetes.protobuf"
	mergeType     = "application/merge-patch+json"
	strategicType = "application/strategic-merge-patch+json"
	applyType     = "application/apply-patch+yaml"
)

// setUp makes the namespace, and the service account that pods need.
func (b *bench) setUp(ctx context.Context) error {
	c, err := b.server.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	for _, o := range []struct{ path, body string }{
		{"/api/v1/namespaces/" + namespace, `{"apiVersion":"v1","kind":"Namespace"}`},
		{"/api/v1/namespaces/" + namespace + "/serviceaccounts/default", `{"apiVersion":"v1","kind":"ServiceAccount"}`},
	} {
		r := request{method: "PATCH", path: o.path + "?fieldManager=bench", body: []byte(o.body), contentType: applyType}
		if _, err := c.do(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// stored is the size of what etcd holds of the object.
func (b *bench) stored(ctx context.Context, path string) (int, error) {
	c, err := b.server.client()
	if err != nil {
		return 0, err
	}
	defer c.http.CloseIdleConnections()
	body, err := c.read(ctx, request{method: "GET", path: path, accept: protobufType})
	return len(body), err
}

// writes measures requests, and as their limit puts of what they stored.
func (b *bench) writes(ctx context.Context, name string, n, clients int, of func(i int) request, stored string) error {
	done := b.profileDuring(ctx, name)
	m, err := requests(ctx, b.server.process, b.server.client, n, clients, of)
	done()
	if err != nil {
		return err
	}
	size, err := b.stored(ctx, stored)
	if err != nil {
		return err
	}
	limit, err := b.etcd.do(etcdOrder{N: n, Size: size, Many: clients})
	b.table.add(line{name, m, "etcd", limit})
	return err
}

func creates(ctx context.Context, b *bench) error {
	if err := b.setUp(ctx); err != nil {
		return err
	}
	for _, l := range []struct{ clients, n int }{{1, b.n(2000)}, {32, b.n(10000)}} {
		name := func(i int) string { return fmt.Sprintf("by-%d-%05d", l.clients, i) }
		err := b.writes(ctx, fmt.Sprintf("create ConfigMap 1 KB, %d clients", l.clients), l.n, l.clients, func(i int) request {
			return request{method: "POST", path: configMaps, body: configMap(name(i), 0), contentType: jsonType}
		}, configMaps+"/"+name(0))
		if err != nil {
			return err
		}
	}
	for _, l := range []struct{ clients, n int }{{1, b.n(1000)}, {32, b.n(9000)}} {
		first := b.pods
		err := b.writes(ctx, fmt.Sprintf("create pod 3 KB, %d clients", l.clients), l.n, l.clients, func(i int) request {
			return request{method: "POST", path: pods, body: pod(first + i), contentType: jsonType}
		}, pods+"/"+podName(first))
		if err != nil {
			return err
		}
		b.pods += l.n
	}
	return nil
}

// needPods makes the pods that other parts work on, if nobody has.
func (b *bench) needPods(ctx context.Context) error {
	if b.pods > 0 {
		return nil
	}
	if err := b.setUp(ctx); err != nil {
		return err
	}
	n := b.n(10000)
	_, err := requests(ctx, 0, b.server.client, n, 32, func(i int) request {
		return request{method: "POST", path: pods, body: pod(i), contentType: jsonType}
	})
	b.pods = n
	return err
}

func patches(ctx context.Context, b *bench) error {
	if err := b.needPods(ctx); err != nil {
		return err
	}
	first := pods + "/" + podName(0)
	for _, w := range []struct {
		name   string
		of     func(i int) request
		stored string
	}{
		{"merge patch of a pod", func(i int) request {
			return request{method: "PATCH", path: pods + "/" + podName(i%b.pods), body: annotation(i), contentType: mergeType}
		}, first},
		{"status patch of a pod", func(i int) request {
			return request{method: "PATCH", path: pods + "/" + podName(i%b.pods) + "/status", body: status(i), contentType: strategicType}
		}, first},
		{"apply a ConfigMap that is new", func(i int) request { return apply(i, 0) }, configMaps + "/applied-0"},
		{"apply a ConfigMap that changes", func(i int) request { return apply(i, 1) }, configMaps + "/applied-0"},
	} {
		for _, clients := range []int{1, 32} {
			n := b.n(1000)
			if clients > 1 {
				n = b.n(3000)
			}
			offset := clients * 100000 // so that each load changes what it finds
			of := func(i int) request { return w.of(i + offset) }
			if w.stored != first {
				of = func(i int) request { return w.of(i + clients - 1) }
			}
			if err := b.writes(ctx, fmt.Sprintf("%s, %d clients", w.name, clients), n, clients, of, w.stored); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply is a server-side apply of the ConfigMap of a number.
func apply(i, round int) request {
	name := fmt.Sprintf("applied-%d", i)
	return request{method: "PATCH", path: configMaps + "/" + name + "?fieldManager=bench&force=true", body: configMap(name, round), contentType: applyType}
}
