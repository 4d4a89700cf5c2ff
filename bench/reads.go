package main

import (
	"context"
	"fmt"
	"net/url"
)

// reads measures requests, and as their limit the bare server with the bytes of the answer to the first.
func (b *bench) reads(ctx context.Context, name string, n, clients int, of func(i int) request) error {
	done := b.profileDuring(ctx, name)
	m, err := requests(ctx, b.server.process, b.server.client, n, clients, of)
	done()
	if err != nil {
		return err
	}
	c, err := b.server.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	body, err := c.read(ctx, of(0))
	if err != nil {
		return err
	}
	const path = "/blob"
	if err := b.bare.put(ctx, path, body); err != nil {
		return err
	}
	limit, err := requests(ctx, b.bare.process, b.bare.client, n, clients, func(int) request { return request{method: "GET", path: path} })
	b.table.add(line{name, m, "bare", limit})
	return err
}

func gets(ctx context.Context, b *bench) error {
	if err := b.needPods(ctx); err != nil {
		return err
	}
	c, err := b.server.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	// One that is there, whatever ran before.
	if _, err := c.do(ctx, apply(0, 0)); err != nil {
		return err
	}
	for _, g := range []struct {
		name   string
		of     func(i int) request
		accept string
	}{
		{"get ConfigMap", func(int) request { return request{method: "GET", path: configMaps + "/applied-0"} }, ""},
		{"get pod", func(i int) request { return request{method: "GET", path: pods + "/" + podName(i%min(1000, b.pods))} }, ""},
	} {
		for _, clients := range []int{1, 32} {
			n := b.n(4000)
			if clients > 1 {
				n = b.n(20000)
			}
			if err := b.reads(ctx, fmt.Sprintf("%s, %d clients", g.name, clients), n, clients, g.of); err != nil {
				return err
			}
		}
	}
	for _, clients := range []int{1, 32} {
		m, err := b.etcd.do(etcdOrder{Get: true, N: b.n(20000), Many: clients})
		if err != nil {
			return err
		}
		b.table.add(line{name: fmt.Sprintf("  get from the etcd alone, %d clients", clients), m: m})
	}
	return nil
}

func lists(ctx context.Context, b *bench) error {
	if err := b.needPods(ctx); err != nil {
		return err
	}
	for _, l := range []struct {
		name, accept, query string
		n                   int
	}{
		{"JSON", "application/json", "", 10},
		{"protobuf", protobufType, "", 10},
		{"Table", "application/json;as=Table;v=v1;g=meta.k8s.io", "", 10},
		{"metadata", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "", 10},
		{"metadata protobuf", protobufType + ";as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "", 10},
		{"1 % by label", "application/json", "labelSelector=" + url.QueryEscape(groupLabel+"=7"), 50},
	} {
		r := request{method: "GET", path: pods + "?" + l.query, accept: l.accept}
		if err := b.reads(ctx, fmt.Sprintf("list %d pods, %s", b.pods, l.name), b.n(l.n), 1, func(int) request { return r }); err != nil {
			return err
		}
	}
	return b.pages(ctx)
}

// pages reads the list in pages of 500, an operation being a page.
func (b *bench) pages(ctx context.Context) error {
	c, err := b.server.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	const limit = 500
	var tokens []string // of the pages, found once
	for token := ""; ; {
		tokens = append(tokens, token)
		body, err := c.read(ctx, request{method: "GET", path: page(limit, token)})
		if err != nil {
			return err
		}
		if token, err = continueOf(body); err != nil {
			return err
		}
		if token == "" {
			break
		}
	}
	name := fmt.Sprintf("list %d pods, a page of %d", b.pods, limit)
	return b.reads(ctx, name, b.n(100), 1, func(i int) request {
		return request{method: "GET", path: page(limit, tokens[i%len(tokens)])}
	})
}

func page(limit int, token string) string {
	return fmt.Sprintf("%s?limit=%d&continue=%s", pods, limit, url.QueryEscape(token))
}
