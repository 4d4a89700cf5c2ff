package core

import "k8s.io/apimachinery/pkg/runtime/schema"

// Kinds that subresources take and give where it is not the parent's.
var (
	tokenRequestKind     = schema.GroupVersionKind{Group: "authentication.k8s.io", Version: "v1", Kind: "TokenRequest"}
	nodeProxyOptionsKind = schema.GroupVersionKind{Version: "v1", Kind: "NodeProxyOptions"}
)

// EventKind names the kind that events.k8s.io/v1 is a second version of.
var EventKind = schema.GroupVersionKind{Version: "v1", Kind: "Event"}

// proxyVerbs are the verbs of /proxy.
var proxyVerbs = []string{"create", "delete", "get", "patch", "update"}

// statusVerbs are the verbs of /status.
var statusVerbs = []string{"get", "patch", "update"}
