package flags

import (
	"net"
	"time"

	cliflag "k8s.io/component-base/cli/flag"
)

const (
	oneRelease = "Nave serves Kubernetes 1.37 and emulates no other release"
	noPeers    = "Nave servers are all of one release, so none asks another"
	fastStart  = "the server is ready within a second, or says what is wrong"
)

func (o *Options) generic() {
	f := o.section("Generic")
	f.IPVar(&o.AdvertiseAddress, "advertise-address", nil, "address at which the rest of the cluster reaches this server; by default the bind address, or that of the default route")
	f.StringSliceVar(&o.CORSAllowedOrigins, "cors-allowed-origins", nil, "regular expressions of origins that browsers may send requests from")
	f.StringVar(&o.ExternalHostname, "external-hostname", "", "host name by which clients outside reach the server")
	f.Var(cliflag.NewColonSeparatedMultimapStringStringAllowDefaultEmptyKey(&o.gates), "feature-gates", "features to turn on or off: name=true or name=false, comma separated; those that Nave has are on as in 1.37 and cannot be turned off")
	f.Float64Var(&o.GoawayChance, "goaway-chance", 0, "chance, at most 0.02, that a client is told to connect anew, so that clients spread over servers")
	f.IntVar(&o.MaxMutatingRequests, "max-mutating-requests-inflight", 200, "most requests served at once that change something; 0 for no limit")
	f.IntVar(&o.MaxRequests, "max-requests-inflight", 400, "most other requests served at once; 0 for no limit")
	f.IntVar(&o.MinRequestTimeout, "min-request-timeout", 1800, "shortest time in seconds after which a watch ends whose client names none")
	f.DurationVar(&o.RequestTimeout, "request-timeout", time.Minute, "longest time that a request may take that is not a watch or a stream")
	f.DurationVar(&o.ShutdownDelay, "shutdown-delay-duration", 0, "how long to go on serving, though not ready any more, before the server stops")
	f.DurationVar(&o.StorageInitializationTimeout, "storage-initialization-timeout", time.Minute, "how long etcd may take to answer at the start")
	f.StringSliceVar(&o.StrictTransportSecurity, "strict-transport-security-directives", nil, "directives of the header Strict-Transport-Security; none for no header")
	o.nothing("Generic", oneRelease,
		[4]string{"strings", "emulated-version", "", "release to behave as"},
		[4]string{"bool", "emulation-forward-compatible", "false", "serve newer versions of APIs while another release is emulated"},
		[4]string{"strings", "min-compatibility-version", "", "oldest release to be compatible with"},
		[4]string{"bool", "runtime-config-emulation-forward-compatible", "false", "enable newer versions of APIs, too, while another release is emulated"},
	)
	o.nothing("Generic", fastStart,
		[4]string{"duration", "livez-grace-period", "0s", "how long the server may take to start before /livez fails"},
	)
	o.nothing("Generic", "watches end at once and cleanly, and no request is refused while the server stops: the listener is closed",
		[4]string{"bool", "shutdown-send-retry-after", "false", "answer 429 while the server stops"},
		[4]string{"duration", "shutdown-watch-termination-grace-period", "0s", "how long watches may go on while the server stops"},
	)
}

func (o *Options) etcd() {
	f := o.section("Etcd")
	f.StringVar(&o.EtcdCA, "etcd-cafile", "", "CA of the etcd servers")
	f.StringVar(&o.EtcdCert, "etcd-certfile", "", "client certificate for etcd")
	f.StringVar(&o.EtcdKey, "etcd-keyfile", "", "key of the client certificate for etcd")
	f.DurationVar(&o.EtcdCompactionInterval, "etcd-compaction-interval", 5*time.Minute, "how often old revisions are forgotten; 0 for never")
	f.DurationVar(&o.EtcdHealthTimeout, "etcd-healthcheck-timeout", 2*time.Second, "how long etcd may take to answer a health check")
	f.DurationVar(&o.ReadyTimeout, "etcd-readycheck-timeout", 2*time.Second, "how long etcd may take to answer a check of readiness")
	f.StringVar(&o.EtcdPrefix, "etcd-prefix", "/registry", "what all keys in etcd begin with")
	f.StringSliceVar(&o.EtcdServers, "etcd-servers", nil, "etcd servers: scheme://host:port, comma separated")
	f.StringVar(&o.StorageBackend, "storage-backend", "", "etcd3")
	o.refuse("Etcd", "secrets would be stored as plain text",
		[4]string{"string", "encryption-provider-config", "", "file that says which resources are stored encrypted"},
	)
	o.refuse("Etcd", "all resources are in one etcd cluster",
		[4]string{"strings", "etcd-servers-overrides", "", "other etcd servers for some resources"},
	)
	o.nothing("Etcd", "there is no encryption at rest yet",
		[4]string{"bool", "encryption-provider-config-automatic-reload", "false", "read the file of --encryption-provider-config again when it changes"},
	)
	o.nothing("Etcd", "a collection is deleted object by object",
		[4]string{"int", "delete-collection-workers", "1", "how many workers delete a collection"},
	)
	o.nothing("Etcd", "finalizers are always honoured",
		[4]string{"bool", "enable-garbage-collector", "true", "whether deletions take part in garbage collection"},
	)
	o.nothing("Etcd", "objects and bytes are counted when /metrics is read",
		[4]string{"duration", "etcd-count-metric-poll-period", "1m0s", "how often objects are counted"},
		[4]string{"duration", "etcd-db-metric-poll-interval", "30s", "how often the size of the database is read"},
	)
	o.nothing("Etcd", "the store chooses leases by their time to live",
		[4]string{"int", "lease-reuse-duration-seconds", "60", "how long an etcd lease is used for new keys"},
	)
	o.nothing("Etcd", "built-in kinds are stored as protobuf; both forms are read",
		[4]string{"string", "storage-media-type", "application/vnd.kubernetes.protobuf", "form in which objects are stored"},
	)
	o.nothing("Etcd", "all reads are served by one watch cache, which has no sizes to choose",
		[4]string{"bool", "watch-cache", "true", "whether there is a watch cache"},
		[4]string{"strings", "watch-cache-sizes", "", "sizes of the watch caches of some resources"},
	)
}

func (o *Options) serving() {
	f := o.section("Secure serving")
	o.BindAddress = net.IPv4zero
	f.IPVar(&o.BindAddress, "bind-address", net.IPv4zero, "address to listen on; 0.0.0.0 or :: for all")
	f.StringVar(&o.CertDir, "cert-dir", "/var/run/kubernetes", "folder of apiserver.crt and apiserver.key, which are made if they are missing; not used with --tls-cert-file")
	f.BoolVar(&o.DisableHTTP2, "disable-http2-serving", false, "serve HTTP/1.1 alone")
	f.IntVar(&o.HTTP2MaxStreams, "http2-max-streams-per-connection", 0, "most requests at once on a connection; 0 for 250")
	f.BoolVar(&o.ShareAddress, "permit-address-sharing", false, "listen with SO_REUSEADDR")
	f.BoolVar(&o.SharePort, "permit-port-sharing", false, "listen with SO_REUSEPORT, so that several processes can share the port")
	f.IntVar(&o.SecurePort, "secure-port", 6443, "port to listen on")
	f.StringVar(&o.TLSCert, "tls-cert-file", "", "serving certificate, and those above it; read again when it changes")
	f.StringSliceVar(&o.CipherSuites, "tls-cipher-suites", nil, "cipher suites of TLS 1.2 to allow; none for Go's")
	f.Int32SliceVar(&o.Curves, "tls-curve-preferences", nil, "numbers of the key exchanges to allow; none for Go's")
	f.StringVar(&o.MinTLSVersion, "tls-min-version", "", "oldest version of TLS to speak: VersionTLS10, VersionTLS11, VersionTLS12 or VersionTLS13")
	f.StringVar(&o.TLSKey, "tls-private-key-file", "", "key of --tls-cert-file")
	f.Var(cliflag.NewNamedCertKeyArray(&o.SNI), "tls-sni-cert-key", "certificate and key, and the names they are for: CERT,KEY or CERT,KEY:NAME,NAME; may be given several times")
}

func (o *Options) features() {
	f := o.section("Features")
	f.BoolVar(&o.Profiling, "profiling", true, "serve /debug/pprof")
	o.nothing("Features", "profiles are served at /debug/pprof alone",
		[4]string{"bool", "contention-profiling", "false", "profile waiting for locks"},
		[4]string{"string", "debug-socket-path", "", "socket to serve profiles on without authentication"},
	)
	f.BoolVar(&o.Fairness, "enable-priority-and-fairness", true, "divide the room for requests fairly, by the objects of flowcontrol.apiserver.k8s.io")
}

func (o *Options) enablement() {
	f := o.section("API enablement")
	config := cliflag.ConfigurationMap{}
	o.RuntimeConfig = config
	f.Var(&config, "runtime-config", "group versions to serve or not: GROUP/VERSION=true or false, api/all, api/ga, api/beta, api/alpha")
}

func (o *Options) egress() {
	o.nothing("Egress selector", "connections to nodes, pods and webhooks are made directly",
		[4]string{"string", "egress-selector-config-file", "", "file that says through which proxies to connect"},
	)
}
