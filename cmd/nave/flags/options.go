// Package flags are the flags of kube-apiserver 1.37: all of them, in its sections, with its types and
// defaults, so that whoever starts it (kubeadm, envtest, kind, k3s, an operator's unit file) can start Nave.
// Options holds those that have an effect. The others are accepted with the reason why they have none
// (Set tells which were set), or refused where to go on without them would be worse than not to start.
// Callers: cmd/nave.
package flags

import (
	"net"
	"time"

	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"

	"github.com/nave-k8s/nave/server/allocate"
)

// Options are the values of the flags that have an effect.
type Options struct {
	// Generic.
	AdvertiseAddress                 net.IP
	ExternalHostname                 string
	CORSAllowedOrigins               []string
	GoawayChance                     float64
	MaxMutatingRequests, MaxRequests int
	Fairness                         bool
	MinRequestTimeout                int
	RequestTimeout                   time.Duration
	ShutdownDelay                    time.Duration
	StorageInitializationTimeout     time.Duration
	StrictTransportSecurity          []string

	// Etcd.
	EtcdServers                     []string
	EtcdCA, EtcdCert, EtcdKey       string
	EtcdCompactionInterval          time.Duration
	EtcdHealthTimeout, ReadyTimeout time.Duration
	EtcdPrefix, StorageBackend      string

	// Secure serving.
	BindAddress             net.IP
	SecurePort              int
	CertDir                 string
	TLSCert, TLSKey         string
	SNI                     []cliflag.NamedCertKey
	CipherSuites            []string
	Curves                  []int32
	MinTLSVersion           string
	DisableHTTP2            bool
	HTTP2MaxStreams         int
	ShareAddress, SharePort bool

	// Features.
	Profiling bool

	// Authentication.
	AnonymousAuth         bool
	APIAudiences          []string
	ClientCA              string
	RequestHeaderCA       string
	RequestHeaderNames    []string
	RequestHeaderUsers    []string
	RequestHeaderUIDs     []string
	RequestHeaderGroups   []string
	RequestHeaderExtras   []string
	ExtendTokenExpiration bool
	ServiceAccountIssuers []string
	JWKSURI               string
	ServiceAccountKeys    []string
	ServiceAccountLookup  bool
	MaxTokenExpiration    time.Duration
	TokenFile             string
	AuthenticationConfig  string
	BootstrapTokens       bool
	TokenWebhook          string
	TokenWebhookTTL       time.Duration
	TokenWebhookVersion   string
	OIDCIssuer            string
	OIDCClient            string
	OIDCCA                string
	OIDCUsernameClaim     string
	OIDCUsernamePrefix    string
	OIDCGroupsClaim       string
	OIDCGroupsPrefix      string
	OIDCRequiredClaims    map[string]string
	OIDCSigningAlgorithms []string

	// Authorization.
	AuthorizationModes                            []string
	AuthorizationConfig                           string
	AuthorizationWebhook                          string
	AuthorizationWebhookVersion                   string
	AuthorizationAllowedTTL, AuthorizationDenyTTL time.Duration

	// API enablement.
	RuntimeConfig map[string]string

	// Admission.
	AdmissionConfig                     string
	EnableAdmission, DisableAdmission   []string
	NotReadySeconds, UnreachableSeconds int64

	// Logs and traces.
	Verbosity     int
	LogFormat     string
	TracingConfig string

	// Misc.
	EndpointReconciler      string
	EventTTL                time.Duration
	KubeletCA               string
	KubeletCert, KubeletKey string
	KubeletAddressTypes     []string
	KubeletTimeout          time.Duration
	SigningKey              string
	ServiceClusterIPRange   string
	NodePortRange           allocate.PortRange

	// Version is --version.
	Version bool

	gates    map[string][]string // NAME=BOOL by component
	sections cliflag.NamedFlagSets
	without  map[string]string // why a flag has no effect, by name
	refused  map[string]string // why a flag must not be set, by name
}

// New returns options with all flags defined and at their defaults.
func New() *Options {
	o := &Options{without: map[string]string{}, refused: map[string]string{}}
	o.generic()
	o.etcd()
	o.serving()
	o.auditing()
	o.features()
	o.authentication()
	o.authorization()
	o.enablement()
	o.egress()
	o.admission()
	o.metrics()
	o.logs()
	o.traces()
	o.misc()
	return o
}

// Sections are the flags as --help groups them.
func (o *Options) Sections() cliflag.NamedFlagSets { return o.sections }

// AddTo adds all flags to a command's.
func (o *Options) AddTo(f *pflag.FlagSet) {
	for _, name := range o.sections.Order {
		f.AddFlagSet(o.sections.FlagSets[name])
	}
}

// Values are all flags and what they are set to.
func (o *Options) Values() map[string]string {
	out := map[string]string{}
	for _, set := range o.sections.FlagSets {
		set.VisitAll(func(f *pflag.Flag) { out[f.Name] = f.Value.String() })
	}
	return out
}
