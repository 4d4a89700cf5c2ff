// Package server puts the stages together: New makes a server of a store and its kinds, Handler is its way
// of a request (pipeline.go is the list). Callers: cmd/nave, navetest. It starts nothing by itself: Run
// does what a server does beside answering (the watch cache, bootstrap objects, allocation repair).
package server

import (
	"context"
	"net/http"
	"slices"
	"sync"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/uuid"

	"github.com/nave-k8s/nave/kinds/schema"
	"github.com/nave-k8s/nave/server/adminaccess"
	"github.com/nave-k8s/nave/server/admit/builtin"
	"github.com/nave-k8s/nave/server/allocate"
	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/authz/node"
	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/bootstrap"
	"github.com/nave-k8s/nave/server/discovery"
	"github.com/nave-k8s/nave/server/discovery/openapi"
	"github.com/nave-k8s/nave/server/flow"
	"github.com/nave-k8s/nave/server/health"
	"github.com/nave-k8s/nave/server/metrics"
	"github.com/nave-k8s/nave/server/presence"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/resource"
	"github.com/nave-k8s/nave/server/serve"
	"github.com/nave-k8s/nave/server/statusz"
	"github.com/nave-k8s/nave/server/version"
	"github.com/nave-k8s/nave/store/cache"
)

// Server is a server ready to answer. Run must be running for it to be of use.
type Server struct {
	Config
	cache *cache.Cache
	// authorizer decides; rbac is the part of it that follows roles and bindings. Without that mode it
	// decides nothing, but still tells who may write roles.
	authorizer authorizer
	rbac       *rbac.Authorizer
	nodes      *node.Authorizer
	engine     *resource.Engine
	services   *allocate.Services
	presence   *presence.Presence
	life       context.Context // ends when the server stops
	endLife    context.CancelFunc
	authn      *authn.Stage
	tokens     *authn.TokenUnion
	flow       func(w http.ResponseWriter, r *request.Request) (done bool, err error)
	fair       *flow.Fair // nil if fairness is off
	authz      *authz.Stage
	discovery  *discovery.Discovery
	openapi    *openapi.Service
	health     *health.Checks
	hooks      map[string]func() // by name: that something of Bootstrap is done
	identity   *bootstrap.Identity
	metrics    *metrics.Metrics
	verbosity  statusz.Verbosity
	routes     map[string]resource.Handler // by exact path
	groups     map[string]bool             // that have kinds
}

// limitPatches bounds what the copies of a JSON patch may add up to. The library has the bound in a variable for
// the whole process, which is set once however many servers there are.
var limitPatches = sync.OnceFunc(func() { jsonpatch.AccumulatedCopySizeLimit = maxBody })

// New makes a server.
func New(c Config) (*Server, error) {
	c.complete()
	limitPatches()
	types, err := schema.NewTypeConverter()
	if err != nil {
		return nil, err
	}
	s := &Server{Config: c}
	if s.authorizer, err = s.authorize(); err != nil {
		return nil, err
	}
	s.cache = cache.New(cache.Config{Store: c.Store, Prefix: "/registry/"})
	s.engine = resource.New(resource.Config{
		Kinds: c.Kinds, Store: c.Store, Cache: s.cache, Types: types, Now: c.Now,
		MaxBody: maxBody, MinTimeout: c.MinWatchTimeout, MayCreate: s.mayCreate,
		Handlers: map[string]resource.Handler{}, Effects: map[string]resource.Effects{}, Checks: map[string]resource.Check{},
		Guards: s.guards(),
	})
	admin := adminaccess.Checker{Reader: s.engine}
	s.engine.Checks["resource.k8s.io/resourceclaims"] = admin.Claim
	s.engine.Checks["resource.k8s.io/resourceclaimtemplates"] = admin.Template
	chain, err := builtin.New(builtin.Config{
		Reader: s.engine, Writer: s.engine, Authorizer: admitAuthorizer{s.authorizer}, Suffix: rand.String,
		ResourceOf: c.Kinds.Kind, Served: c.Kinds.All, Types: types, Release: version.Kubernetes,
		Enable: c.EnableAdmission, Disable: c.DisableAdmission, Settings: c.AdmissionSettings,
		WebhookTook: func(name, operation string, mutating, refused bool, seconds float64) {
			s.metrics.Webhook(name, operation, mutating, refused, seconds)
		},
		NotReadySeconds: c.NotReadySeconds, UnreachableSeconds: c.UnreachableSeconds,
	})
	if err != nil {
		return nil, err
	}
	s.engine.Admission = chain
	s.flow = s.room()
	s.authz = &authz.Stage{Authorizer: s.authorizer, Explain: s.explain}
	s.discovery = discovery.New(c.Address, c.Kinds, nonResourcePaths...)
	if s.openapi, err = openapi.New(version.Documents, c.Kinds, nil); err != nil {
		return nil, err
	}
	s.groups = map[string]bool{}
	for _, gv := range c.Kinds.GroupVersions() {
		s.groups[gv.Group] = true
	}
	s.health, s.hooks = s.checks(), map[string]func(){}
	for _, name := range hooks {
		s.hooks[name] = s.health.Hook(name)
	}
	s.identity = &bootstrap.Identity{Objects: s.engine, Hostname: c.Hostname, Process: string(uuid.NewUUID()), Now: c.Now}
	s.routes = map[string]resource.Handler{"/version": version.Serve, "/version/": version.Serve}
	s.observe(chain)
	s.life, s.endLife = context.WithCancel(context.Background())
	s.engine.Handlers["/componentstatuses"] = s.engine.Computed("componentstatus", s.components)
	s.allocateServices()
	s.presence = presence.New(presence.Config{
		Address: c.Advertise.Addr(), Port: int(c.Advertise.Port()), Ranges: c.ServiceRanges,
		Objects: s.engine, Store: c.Store, Now: c.Now,
	})
	if err := s.connectStreams(); err != nil {
		return nil, err
	}
	verifier, err := s.serviceAccounts()
	if err != nil {
		return nil, err
	}
	s.authenticate(verifier)
	return s, nil
}

// Handler is the way of a request.
func (s *Server) Handler() http.Handler {
	done := s.metrics.Done
	if s.Trace != nil {
		done = func(r *request.Request, code int, size int64) {
			s.metrics.Done(r, code, size)
			s.Trace(r, code)
		}
	}
	return serve.Decorate(serve.Handler(serve.Config{
		Stages: s.pipeline(), Log: s.Log, Timeout: s.RequestTimeout, SlowAfter: slowRequest, Life: s.life,
		Begun: s.metrics.Begun, Done: done,
	}), s.Decor)
}

// Run keeps the watch cache, and what follows it, fresh until the context ends. It returns then, or when one
// of them cannot go on.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.endLife()
	running := []func(context.Context) error{s.cache.Run, s.repairServices, s.bePresent, s.beKnown, s.compact}
	running = append(running, func(ctx context.Context) error { return s.followRBAC(ctx, s.rbac) })
	if s.AuthorizationFile != "" || slices.Contains(s.Modes, "Node") {
		for _, kind := range node.Followed() {
			running = append(running, func(ctx context.Context) error {
				return s.engine.Track(ctx, kind[0], kind[1], s.nodes.Follower(kind[1]), nil)
			})
		}
	}
	running = append(running, s.keepFair()...)
	ended := make(chan error, len(running))
	for _, run := range running {
		go func() { ended <- run(ctx) }()
	}
	return <-ended
}

// guards are what writes of roles and bindings must pass.
func (s *Server) guards() map[string]resource.Guard {
	e := rbac.Escalation{Rules: s.rbac, Authorizer: s.authorizer}
	return map[string]resource.Guard{
		"rbac.authorization.k8s.io/roles":               e.GuardRole,
		"rbac.authorization.k8s.io/clusterroles":        e.GuardRole,
		"rbac.authorization.k8s.io/rolebindings":        e.GuardBinding,
		"rbac.authorization.k8s.io/clusterrolebindings": e.GuardBinding,
	}
}

// Leave makes the server say that it is not ready, and takes it out of the endpoints: it will stop, and nobody
// new is to come.
func (s *Server) Leave() {
	s.health.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	if err := s.presence.Leave(ctx); err != nil {
		s.Log.Warn("the Service kubernetes still has this server as an endpoint", "err", err)
	}
}

// Stop does the same and ends watches, and streams to nodes, at once.
func (s *Server) Stop() {
	s.Leave()
	s.endLife()
}

// mayCreate decides whether the user of a PUT or PATCH may create what is not there.
func (s *Server) mayCreate(ctx context.Context, r *request.Request) error {
	a := r.Attributes()
	a.Verb = "create"
	return s.may(ctx, a)
}

// may refuses what the authorizer does not allow.
func (s *Server) may(ctx context.Context, a request.Attributes) error {
	decision, reason, err := s.authorizer.Authorize(ctx, a)
	if decision == authz.Allow {
		return nil
	}
	if err != nil {
		return err
	}
	return authz.Forbidden(a, reason)
}

// serviceAccounts sets up what makes and checks service account tokens.
func (s *Server) serviceAccounts() (*serviceaccount.Verifier, error) {
	signer, err := serviceaccount.NewSigner(s.Issuer, s.ServiceAccountKey)
	if err != nil {
		return nil, err
	}
	keys := s.TokenKeys
	if len(keys) == 0 {
		keys = []serviceaccount.Key{signer.Key()}
	}
	verifier := serviceaccount.NewVerifier(serviceaccount.VerifierConfig{
		Issuers: append([]string{s.Issuer}, s.OtherIssuers...), Keys: keys, Audiences: s.Audiences,
		Objects: s.engine, NoLookup: s.NoTokenLookup, Now: s.Now,
	})
	url := s.KeysURL
	if url == "" {
		url = "https://" + s.Address + serviceaccount.KeysPath
	}
	documents, err := serviceaccount.NewDocuments(s.Issuer, url, keys)
	if err != nil {
		return nil, err
	}
	for _, slash := range []string{"", "/"} {
		s.routes[serviceaccount.ConfigurationPath+slash] = func(w http.ResponseWriter, r *request.Request) error {
			return documents.ServeConfiguration(w, r.HTTP)
		}
		s.routes[serviceaccount.KeysPath+slash] = func(w http.ResponseWriter, r *request.Request) error {
			return documents.ServeKeys(w, r.HTTP)
		}
	}
	s.postings(signer, verifier)
	return verifier, nil
}
