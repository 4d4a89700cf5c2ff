package server

import (
	"crypto"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/allocate"
	"github.com/nave-k8s/nave/server/authn"
	authnconfig "github.com/nave-k8s/nave/server/authn/config"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/bootstrap"
	"github.com/nave-k8s/nave/server/connect"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/serve"
	"github.com/nave-k8s/nave/store"
)

// Config is what a server is made of. The zero value of a limit is kube-apiserver's default; of
// those that may be off, a negative one is off.
type Config struct {
	Store store.Store
	Kinds *kinds.Set
	Log   *slog.Logger
	Now   func() time.Time

	// Address is "host:port" by which clients reach the server.
	Address string

	// Authenticators know users by credentials, besides service account tokens.
	Authenticators []authn.Authenticator
	// Tokens are the static tokens, which TokenReview knows too; nil for none.
	Tokens *authn.Tokens
	// Modes are --authorization-mode: AlwaysAllow, AlwaysDeny, RBAC, Node. None is Node,RBAC.
	Modes []string

	// AuthorizationFile is an AuthorizationConfiguration that is followed, instead of Modes; "" for none.
	// AuthorizationWebhook is what the mode Webhook asks.
	AuthorizationFile    string
	AuthorizationWebhook authz.Authorizer

	// Authentication is an AuthenticationConfiguration, or what the flags of OpenID Connect say; nil for
	// none. TokenWebhook is asked for tokens that nobody else knows; nil for none. BootstrapTokens lets new
	// nodes in by secrets of kube-system.
	Authentication  *authnconfig.Settings
	TokenWebhook    authn.TokenAuthenticator
	BootstrapTokens bool

	// NoAnonymous: requests without credentials are refused, whatever they ask for.
	NoAnonymous bool

	// ServiceAccountKey signs tokens; Issuer and Audiences stand in them. Tokens of OtherIssuers are
	// believed, too. They are checked with TokenKeys; none is ServiceAccountKey's public half.
	ServiceAccountKey crypto.Signer
	Issuer            string
	OtherIssuers      []string
	Audiences         []string
	TokenKeys         []serviceaccount.Key
	// KeysURL is where others find the keys; "" is the server's own address.
	KeysURL string
	// MaxTokenTime bounds what a client may ask a token for; 0 does not. ShortTokens: those of pods do not
	// live longer than they say. NoTokenLookup: tokens of what is gone are believed until they expire.
	MaxTokenTime  time.Duration
	ShortTokens   bool
	NoTokenLookup bool

	EnableAdmission, DisableAdmission []string
	// AdmissionSettings are settings of plugins, by name: YAML or JSON.
	AdmissionSettings map[string][]byte
	// NotReadySeconds and UnreachableSeconds are tolerations that pods get; nil is 300.
	NotReadySeconds, UnreachableSeconds *int64

	// ServiceRanges are the ranges of cluster IPs: one, or one of each family. NodePorts is that of node
	// ports.
	ServiceRanges []netip.Prefix
	NodePorts     allocate.PortRange
	// Advertise is where other hosts, and pods, reach the server. Without an address the Service
	// "kubernetes" has no endpoint of it.
	Advertise netip.AddrPort
	// Kubelet says how nodes are spoken to.
	Kubelet connect.KubeletConfig

	// MaxRequests and MaxMutatingRequests are how many requests are served at once: their sum is divided by
	// priority and fairness; with NoFairness each holds for itself.
	MaxRequests, MaxMutatingRequests int
	NoFairness                       bool
	RequestTimeout                   time.Duration
	MinWatchTimeout                  time.Duration

	// Hostname names the host in the lease by which the cluster knows the server; "" is the host's own.
	Hostname string
	// Published is what extension API servers are told of authentication.
	Published bootstrap.Authentication

	// CompactEvery is how often old revisions are forgotten; negative for never.
	CompactEvery time.Duration
	// HealthTimeout and ReadyTimeout are how long the database may take to answer /healthz and /readyz.
	HealthTimeout, ReadyTimeout time.Duration

	// Flags are what the server was started with; /flagz shows them. SetVerbosity changes how much is logged,
	// as --v does; nil if that cannot be changed.
	Flags        map[string]string
	SetVerbosity func(level int)

	// Trace hears of every request that has been answered; nil for nobody.
	Trace func(r *request.Request, code int)

	// Decor is what every answer gets.
	Decor serve.Decor

	// NoProfiles: /debug/pprof is not served.
	NoProfiles bool
}

// Limits that kube-apiserver has by default.
const (
	defaultRequests         = 400
	defaultMutatingRequests = 200
	defaultTimeout          = 60 * time.Second
	defaultWatchTimeout     = 30 * time.Minute
	maxBody                 = 3 << 20
	defaultCompaction       = 5 * time.Minute
	defaultHealthTimeout    = 2 * time.Second
	slowRequest             = time.Second
)

func (c *Config) complete() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxRequests == 0 {
		c.MaxRequests = defaultRequests
	}
	if c.MaxMutatingRequests == 0 {
		c.MaxMutatingRequests = defaultMutatingRequests
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = defaultTimeout
	}
	if c.MinWatchTimeout == 0 {
		c.MinWatchTimeout = defaultWatchTimeout
	}
	if c.Hostname == "" {
		c.Hostname, _ = os.Hostname() // without a name it is known by the empty one
	}
	if c.CompactEvery == 0 {
		c.CompactEvery = defaultCompaction
	}
	if c.HealthTimeout == 0 {
		c.HealthTimeout = defaultHealthTimeout
	}
	if c.ReadyTimeout == 0 {
		c.ReadyTimeout = defaultHealthTimeout
	}
	if c.NodePorts == (allocate.PortRange{}) {
		c.NodePorts = allocate.DefaultNodePorts
	}
	if len(c.Modes) == 0 {
		c.Modes = []string{"Node", "RBAC"}
	}
}
