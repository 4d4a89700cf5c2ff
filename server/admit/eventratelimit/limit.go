// Package eventratelimit is the plugin EventRateLimit: a flood of events, which clients send by the thousand when
// something is wrong, is cut off before it fills the store.
package eventratelimit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/utils/lru"
	"sigs.k8s.io/yaml"

	"golang.org/x/time/rate"

	"github.com/nave-k8s/nave/server/admit"
)

const defaultCacheSize = 4096

// Plugin is EventRateLimit.
type Plugin struct{ limits []*limit }

// limit is one limit of the configuration, with a bucket for each key.
type limit struct {
	Type      string `json:"type"`
	QPS       int32  `json:"qps"`
	Burst     int32  `json:"burst"`
	CacheSize int32  `json:"cacheSize"`

	mu      sync.Mutex
	buckets *lru.Cache
}

// New returns the plugin. configuration is a Configuration of eventratelimit.admission.k8s.io; without a limit in
// it the plugin would do nothing, which is an error.
func New(configuration []byte) (*Plugin, error) {
	var c struct {
		APIVersion string   `json:"apiVersion"`
		Kind       string   `json:"kind"`
		Limits     []*limit `json:"limits"`
	}
	if len(configuration) > 0 {
		if err := yaml.UnmarshalStrict(configuration, &c); err != nil {
			return nil, err
		}
		if c.Kind != "Configuration" || c.APIVersion != "eventratelimit.admission.k8s.io/v1alpha1" {
			return nil, fmt.Errorf("no kind %q is registered for version %q", c.Kind, c.APIVersion)
		}
	}
	if len(c.Limits) == 0 {
		return nil, errors.New("limits: Invalid value: must not be empty")
	}
	for i, l := range c.Limits {
		switch l.Type {
		case "Server", "Namespace", "User", "SourceAndObject":
		default:
			return nil, fmt.Errorf("limits[%d].type: Unsupported value: %q: supported values: \"Namespace\", \"Server\", \"SourceAndObject\", \"User\"", i, l.Type)
		}
		if l.QPS <= 0 || l.Burst <= 0 {
			return nil, fmt.Errorf("limits[%d]: Invalid value: qps and burst must be positive", i)
		}
		if l.CacheSize < 0 {
			return nil, fmt.Errorf("limits[%d].cacheSize: Invalid value: %d: must not be negative", i, l.CacheSize)
		}
		size := int(l.CacheSize)
		if size == 0 {
			size = defaultCacheSize
		}
		l.buckets = lru.New(size)
	}
	return &Plugin{c.Limits}, nil
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "EventRateLimit" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Review refuses an event that is too many under any limit. Each limit counts it, whatever the others say.
func (p *Plugin) Review(_ context.Context, a *admit.Attributes) error {
	if a.DryRun || !a.Is("", "events") && !a.Is(eventsv1.GroupName, "events") {
		return nil
	}
	var faults []error
	for _, l := range p.limits {
		key := l.key(a)
		if !l.bucket(key).AllowN(a.Now.Time, 1) {
			faults = append(faults, fmt.Errorf("limit reached on type %v for key %v", l.Type, key))
		}
	}
	if len(faults) > 0 {
		return apierrors.NewTooManyRequestsError(utilerrors.NewAggregate(faults).Error())
	}
	return nil
}

func (l *limit) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.buckets.Get(key); ok {
		return b.(*rate.Limiter)
	}
	b := rate.NewLimiter(rate.Limit(l.QPS), int(l.Burst))
	l.buckets.Add(key, b)
	return b
}

func (l *limit) key(a *admit.Attributes) string {
	switch l.Type {
	case "Namespace":
		return a.Namespace
	case "User":
		return a.Request.User.Username
	case "SourceAndObject":
		switch e := a.Object.(type) {
		case *corev1.Event:
			return join(e.Source.Component, e.Source.Host, e.InvolvedObject)
		case *eventsv1.Event:
			return join(e.DeprecatedSource.Component, e.DeprecatedSource.Host, e.Regarding)
		}
	}
	return ""
}

func join(component, host string, about corev1.ObjectReference) string {
	return strings.Join([]string{component, host, about.Kind, about.Namespace, about.Name, string(about.UID), about.APIVersion}, "")
}
