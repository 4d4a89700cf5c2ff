package server

import (
	"context"
	"net/http"
	"slices"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/server/flow"
	"github.com/nave-k8s/nave/server/request"
)

// waitPart is which part of its time a request may wait for a seat.
const waitPart = 4

// room sets up stage 2: priority and fairness, or the simple limits where that is off.
func (s *Server) room() func(w http.ResponseWriter, r *request.Request) (done bool, err error) {
	if s.NoFairness || s.MaxRequests+s.MaxMutatingRequests <= 0 {
		return flow.New(s.MaxRequests, s.MaxMutatingRequests).Run
	}
	s.fair = flow.NewFair(flow.Config{
		Seats: max(s.MaxRequests, 0) + max(s.MaxMutatingRequests, 0), Wait: s.RequestTimeout / waitPart,
		Count: s.engine.Count, Now: s.Now,
	})
	return s.fair.Run
}

// keepFair returns what is to run for stage 2.
func (s *Server) keepFair() []func(context.Context) error {
	if s.fair == nil {
		return nil
	}
	follow := func(plural string) func(context.Context) error {
		return func(ctx context.Context) error {
			return s.engine.Follow(ctx, flowcontrolv1.GroupName, plural, s.fair.Apply, nil)
		}
	}
	if !slices.ContainsFunc(s.Kinds.GroupVersions(), func(gv schema.GroupVersion) bool { return gv.Group == flowcontrolv1.GroupName }) {
		return []func(context.Context) error{s.fair.Adjust}
	}
	return []func(context.Context) error{
		follow("flowschemas"), follow("prioritylevelconfigurations"), s.fair.Adjust,
		func(ctx context.Context) error {
			return s.fair.KeepConditions(ctx, s.engine, func(err error) { s.Log.Warn("a condition could not be written", "err", err) })
		},
	}
}
