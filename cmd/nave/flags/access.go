package flags

import (
	"time"

	cliflag "k8s.io/component-base/cli/flag"

	"github.com/nave-k8s/nave/server/allocate"
)

const (
	noAudit = "there is no audit log yet"
)

func (o *Options) authentication() {
	f := o.section("Authentication")
	f.BoolVar(&o.AnonymousAuth, "anonymous-auth", true, "let requests without credentials go on as system:anonymous")
	f.StringSliceVar(&o.APIAudiences, "api-audiences", nil, "audiences of this server, for one of which tokens of service accounts must be; by default the issuers")
	f.StringVar(&o.ClientCA, "client-ca-file", "", "CAs of client certificates: the common name is the user, the organizations are the groups")
	f.StringSliceVar(&o.RequestHeaderNames, "requestheader-allowed-names", nil, "common names that a front proxy's certificate may have; none for any")
	f.StringVar(&o.RequestHeaderCA, "requestheader-client-ca-file", "", "CAs of front proxies, which say in headers who is asking")
	f.StringSliceVar(&o.RequestHeaderExtras, "requestheader-extra-headers-prefix", nil, "what headers of a user's extra begin with: X-Remote-Extra-")
	f.StringSliceVar(&o.RequestHeaderGroups, "requestheader-group-headers", nil, "headers of a user's groups: X-Remote-Group")
	f.StringSliceVar(&o.RequestHeaderUIDs, "requestheader-uid-headers", nil, "headers of a user's uid: X-Remote-Uid")
	f.StringSliceVar(&o.RequestHeaderUsers, "requestheader-username-headers", nil, "headers of a user's name: X-Remote-User")
	f.BoolVar(&o.ExtendTokenExpiration, "service-account-extend-token-expiration", true, "let the tokens of pods live for a year, and note when one is used that should have been replaced")
	f.StringArrayVar(&o.ServiceAccountIssuers, "service-account-issuer", nil, "issuer of the tokens of service accounts; if given again, the first issues and all are believed")
	f.StringVar(&o.JWKSURI, "service-account-jwks-uri", "", "where others find the keys of the tokens, if not at the issuer")
	f.StringArrayVar(&o.ServiceAccountKeys, "service-account-key-file", nil, "keys, or certificates, to check the tokens of service accounts with; may be given several times; by default that of the signer")
	f.BoolVar(&o.ServiceAccountLookup, "service-account-lookup", true, "refuse tokens of service accounts and objects that are gone")
	f.DurationVar(&o.MaxTokenExpiration, "service-account-max-token-expiration", 0, "longest time that a client may ask a token for; 0 for any")
	f.StringVar(&o.TokenFile, "token-auth-file", "", "file of static tokens: token,user,uid,\"group,group\"")
	f.StringVar(&o.AuthenticationConfig, "authentication-config", "", "file of JWT authenticators and of the paths that are open to anonymous requests; read again when it changes")
	f.DurationVar(&o.TokenWebhookTTL, "authentication-token-webhook-cache-ttl", 2*time.Minute, "how long answers of the webhook are kept")
	f.StringVar(&o.TokenWebhook, "authentication-token-webhook-config-file", "", "kubeconfig of a webhook that knows tokens")
	f.StringVar(&o.TokenWebhookVersion, "authentication-token-webhook-version", "v1beta1", "version of TokenReview that the webhook speaks: v1 or v1beta1")
	f.BoolVar(&o.BootstrapTokens, "enable-bootstrap-token-auth", false, "know users by secrets of type bootstrap.kubernetes.io/token in kube-system")
	f.StringVar(&o.OIDCCA, "oidc-ca-file", "", "CA of the issuer; by default those of the host")
	f.StringVar(&o.OIDCClient, "oidc-client-id", "", "audience that tokens must be for")
	f.StringVar(&o.OIDCGroupsClaim, "oidc-groups-claim", "", "claim that holds groups")
	f.StringVar(&o.OIDCGroupsPrefix, "oidc-groups-prefix", "", "what groups are prefixed with")
	f.StringVar(&o.OIDCIssuer, "oidc-issuer-url", "", "issuer of the tokens, an https URL")
	f.Var(cliflag.NewMapStringStringNoSplit(&o.OIDCRequiredClaims), "oidc-required-claim", "claim=value that tokens must have; may be given several times")
	o.OIDCSigningAlgorithms = []string{"RS256"}
	f.StringSliceVar(&o.OIDCSigningAlgorithms, "oidc-signing-algs", o.OIDCSigningAlgorithms, "algorithms that tokens may be signed with")
	f.StringVar(&o.OIDCUsernameClaim, "oidc-username-claim", "sub", "claim that holds the user's name")
	f.StringVar(&o.OIDCUsernamePrefix, "oidc-username-prefix", "", "what the user's name is prefixed with: by default the issuer, unless the claim is email; - for nothing")
}

func (o *Options) authorization() {
	f := o.section("Authorization")
	f.StringSliceVar(&o.AuthorizationModes, "authorization-mode", nil, "how requests are authorized, in order: AlwaysAllow, AlwaysDeny, Node, RBAC, Webhook; by default AlwaysAllow")
	f.StringVar(&o.AuthorizationConfig, "authorization-config", "", "file of authorizers, in order, instead of --authorization-mode; read again when it changes")
	f.DurationVar(&o.AuthorizationAllowedTTL, "authorization-webhook-cache-authorized-ttl", 5*time.Minute, "how long the webhook's yes is kept")
	f.DurationVar(&o.AuthorizationDenyTTL, "authorization-webhook-cache-unauthorized-ttl", 30*time.Second, "how long the webhook's no is kept")
	f.StringVar(&o.AuthorizationWebhook, "authorization-webhook-config-file", "", "kubeconfig of the webhook")
	f.StringVar(&o.AuthorizationWebhookVersion, "authorization-webhook-version", "v1beta1", "version of SubjectAccessReview that the webhook speaks: v1 or v1beta1")
	o.refuse("Authorization", "who may do what would be another than it says",
		[4]string{"string", "authorization-policy-file", "", "policies of the mode ABAC"},
	)
}

func (o *Options) admission() {
	f := o.section("Admission")
	f.StringVar(&o.AdmissionConfig, "admission-control-config-file", "", "file with the settings of admission plugins")
	f.Int64Var(&o.NotReadySeconds, "default-not-ready-toleration-seconds", 300, "how long pods that do not say stay on a node that is not ready")
	f.Int64Var(&o.UnreachableSeconds, "default-unreachable-toleration-seconds", 300, "how long pods that do not say stay on a node that cannot be reached")
	f.StringSliceVar(&o.DisableAdmission, "disable-admission-plugins", nil, "default admission plugins not to use")
	f.StringSliceVar(&o.EnableAdmission, "enable-admission-plugins", nil, "admission plugins to use besides the default ones; their order is fixed")
	o.refuse("Admission", "it is gone from Kubernetes' documentation since 1.10; use --enable-admission-plugins and --disable-admission-plugins",
		[4]string{"strings", "admission-control", "", "admission plugins, in order"},
	)
	_ = f.MarkDeprecated("admission-control", "use --enable-admission-plugins and --disable-admission-plugins")
}

func (o *Options) auditing() {
	o.nothing("Auditing", noAudit,
		[4]string{"int", "audit-log-batch-buffer-size", "10000", "events kept before they are written in batches"},
		[4]string{"int", "audit-log-batch-max-size", "1", "most events in a batch"},
		[4]string{"duration", "audit-log-batch-max-wait", "0s", "how long an event may wait for a batch"},
		[4]string{"int", "audit-log-batch-throttle-burst", "0", "most batches at once"},
		[4]string{"bool", "audit-log-batch-throttle-enable", "false", "limit the rate of batches"},
		[4]string{"float32", "audit-log-batch-throttle-qps", "0", "most batches in a second"},
		[4]string{"bool", "audit-log-compress", "false", "compress old log files"},
		[4]string{"string", "audit-log-format", "json", "format of the log: json or legacy"},
		[4]string{"int", "audit-log-maxage", "366", "days to keep old log files"},
		[4]string{"int", "audit-log-maxbackup", "100", "old log files to keep"},
		[4]string{"int", "audit-log-maxsize", "100", "megabytes of a log file"},
		[4]string{"string", "audit-log-mode", "blocking", "when events are written: batch, blocking, blocking-strict"},
		[4]string{"string", "audit-log-path", "", "file to write the log to"},
		[4]string{"bool", "audit-log-truncate-enabled", "false", "cut large events"},
		[4]string{"int", "audit-log-truncate-max-batch-size", "10485760", "most bytes of a batch"},
		[4]string{"int", "audit-log-truncate-max-event-size", "102400", "most bytes of an event"},
		[4]string{"string", "audit-log-version", "audit.k8s.io/v1", "version of the events in the log"},
		[4]string{"string", "audit-policy-file", "", "file that says what is logged"},
		[4]string{"int", "audit-webhook-batch-buffer-size", "10000", "events kept before they are sent in batches"},
		[4]string{"int", "audit-webhook-batch-max-size", "400", "most events in a batch"},
		[4]string{"duration", "audit-webhook-batch-max-wait", "30s", "how long an event may wait for a batch"},
		[4]string{"int", "audit-webhook-batch-throttle-burst", "15", "most batches at once"},
		[4]string{"bool", "audit-webhook-batch-throttle-enable", "true", "limit the rate of batches"},
		[4]string{"float32", "audit-webhook-batch-throttle-qps", "10", "most batches in a second"},
		[4]string{"string", "audit-webhook-config-file", "", "kubeconfig of the webhook"},
		[4]string{"duration", "audit-webhook-initial-backoff", "10s", "how long to wait before the first failed request is sent again"},
		[4]string{"string", "audit-webhook-mode", "batch", "when events are sent: batch, blocking, blocking-strict"},
		[4]string{"bool", "audit-webhook-truncate-enabled", "false", "cut large events"},
		[4]string{"int", "audit-webhook-truncate-max-batch-size", "10485760", "most bytes of a batch"},
		[4]string{"int", "audit-webhook-truncate-max-event-size", "102400", "most bytes of an event"},
		[4]string{"string", "audit-webhook-version", "audit.k8s.io/v1", "version of the events that are sent"},
	)
}

func (o *Options) misc() {
	f := o.section("Misc")
	f.StringVar(&o.EndpointReconciler, "endpoint-reconciler-type", "lease", "whether the Service kubernetes leads to this server: lease or none")
	f.DurationVar(&o.EventTTL, "event-ttl", time.Hour, "how long events are kept")
	f.StringVar(&o.KubeletCA, "kubelet-certificate-authority", "", "CA of the kubelets' serving certificates; without it they are not checked")
	f.StringVar(&o.KubeletCert, "kubelet-client-certificate", "", "client certificate for kubelets")
	f.StringVar(&o.KubeletKey, "kubelet-client-key", "", "key of --kubelet-client-certificate")
	o.KubeletAddressTypes = []string{"Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"}
	f.StringSliceVar(&o.KubeletAddressTypes, "kubelet-preferred-address-types", o.KubeletAddressTypes, "which of a node's addresses to use, the best first")
	f.DurationVar(&o.KubeletTimeout, "kubelet-timeout", 5*time.Second, "how long connecting to a kubelet may take")
	f.StringVar(&o.SigningKey, "service-account-signing-key-file", "", "private key that signs the tokens of service accounts")
	f.StringVar(&o.ServiceClusterIPRange, "service-cluster-ip-range", "", "range of the services' cluster IPs; two, separated by a comma, for dual stack; 10.0.0.0/24 by default")
	o.NodePortRange = allocate.DefaultNodePorts
	f.Var((*portRange)(&o.NodePortRange), "service-node-port-range", "range of node ports: FIRST-LAST, both included")
	o.refuse("Misc", "tokens would be signed by another key than it says",
		[4]string{"string", "service-account-signing-endpoint", "", "socket of a signer of tokens"},
	)
	o.nothing("Misc", "whether pods may be privileged is for Pod Security to say",
		[4]string{"bool", "allow-privileged", "false", "let containers be privileged"},
	)
	o.nothing("Misc", "API services of others are not served yet",
		[4]string{"bool", "aggregator-reject-forwarding-redirect", "true", "refuse redirects of API services"},
		[4]string{"bool", "enable-aggregator-routing", "false", "connect to endpoints of API services, not to their cluster IPs"},
		[4]string{"string", "proxy-client-cert-file", "", "client certificate for API services and webhooks"},
		[4]string{"string", "proxy-client-key-file", "", "key of --proxy-client-cert-file"},
	)
	o.nothing("Misc", "leases are held by those who take them; the server elects nobody",
		[4]string{"duration", "coordinated-leadership-lease-duration", "15s", "how long a lease lasts"},
		[4]string{"duration", "coordinated-leadership-renew-deadline", "10s", "how long its holder tries to renew it"},
		[4]string{"duration", "coordinated-leadership-retry-period", "2s", "how long it waits between attempts"},
	)
	o.nothing("Misc", "the server's logs go to its standard error alone",
		[4]string{"bool", "enable-logs-handler", "false", "serve /logs"},
	)
	o.nothing("Misc", "the Service kubernetes has a cluster IP alone",
		[4]string{"int", "kubernetes-service-node-port", "0", "node port of the Service kubernetes"},
	)
	o.nothing("Misc", "connections of users are not slowed down",
		[4]string{"int", "max-connection-bytes-per-sec", "0", "most bytes in a second of a user's connection"},
	)
	o.nothing("Misc", noPeers,
		[4]string{"string", "peer-advertise-ip", "", "address at which other servers reach this one"},
		[4]string{"string", "peer-advertise-port", "", "port at which other servers reach this one"},
		[4]string{"string", "peer-ca-file", "", "CA of other servers' certificates"},
	)
}
