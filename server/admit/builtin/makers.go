package builtin

import (
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/always"
	"github.com/nave-k8s/nave/server/admit/alwayspullimages"
	"github.com/nave-k8s/nave/server/admit/certificates"
	"github.com/nave-k8s/nave/server/admit/defaultingressclass"
	"github.com/nave-k8s/nave/server/admit/defaultstorageclass"
	"github.com/nave-k8s/nave/server/admit/defaulttolerationseconds"
	"github.com/nave-k8s/nave/server/admit/denyserviceexternalips"
	"github.com/nave-k8s/nave/server/admit/eventratelimit"
	"github.com/nave-k8s/nave/server/admit/extendedresourcetoleration"
	"github.com/nave-k8s/nave/server/admit/limitpodhardantiaffinitytopology"
	"github.com/nave-k8s/nave/server/admit/limitranger"
	"github.com/nave-k8s/nave/server/admit/namespaceautoprovision"
	"github.com/nave-k8s/nave/server/admit/namespaceexists"
	"github.com/nave-k8s/nave/server/admit/namespacelifecycle"
	"github.com/nave-k8s/nave/server/admit/nodedeclaredfeature"
	"github.com/nave-k8s/nave/server/admit/noderestriction"
	"github.com/nave-k8s/nave/server/admit/ownerreferences"
	"github.com/nave-k8s/nave/server/admit/persistentvolumeclaimresize"
	"github.com/nave-k8s/nave/server/admit/podgroupprotection"
	"github.com/nave-k8s/nave/server/admit/podnodeselector"
	"github.com/nave-k8s/nave/server/admit/podresize"
	"github.com/nave-k8s/nave/server/admit/podsecurity"
	"github.com/nave-k8s/nave/server/admit/podtolerationrestriction"
	"github.com/nave-k8s/nave/server/admit/podtopologylabels"
	"github.com/nave-k8s/nave/server/admit/policy"
	"github.com/nave-k8s/nave/server/admit/priority"
	"github.com/nave-k8s/nave/server/admit/resourcequota"
	"github.com/nave-k8s/nave/server/admit/runtimeclass"
	"github.com/nave-k8s/nave/server/admit/serviceaccount"
	"github.com/nave-k8s/nave/server/admit/storageobjectinuseprotection"
	"github.com/nave-k8s/nave/server/admit/taintnodesbycondition"
	"github.com/nave-k8s/nave/server/admit/webhook"
)

type maker func(Config) (admit.Plugin, error)

// makers are the plugins by name; one line each, in the order of admit.Order.
func makers() map[string]maker {
	return map[string]maker{
		"AlwaysAdmit":                      func(Config) (admit.Plugin, error) { return always.Admit{}, nil },
		"NamespaceAutoProvision":           func(c Config) (admit.Plugin, error) { return namespaceautoprovision.New(c.Reader, c.Writer), nil },
		"NamespaceLifecycle":               func(c Config) (admit.Plugin, error) { return namespacelifecycle.New(c.Reader), nil },
		"NamespaceExists":                  func(c Config) (admit.Plugin, error) { return namespaceexists.New(c.Reader), nil },
		"LimitPodHardAntiAffinityTopology": func(Config) (admit.Plugin, error) { return limitpodhardantiaffinitytopology.Plugin{}, nil },
		"LimitRanger":                      func(c Config) (admit.Plugin, error) { return limitranger.New(c.Reader), nil },
		"ServiceAccount":                   func(c Config) (admit.Plugin, error) { return serviceaccount.New(c.Reader, c.Suffix), nil },
		"NodeRestriction":                  func(c Config) (admit.Plugin, error) { return noderestriction.New(c.Reader, c.Authorizer), nil },
		"TaintNodesByCondition":            func(Config) (admit.Plugin, error) { return taintnodesbycondition.Plugin{}, nil },
		"AlwaysPullImages":                 func(Config) (admit.Plugin, error) { return alwayspullimages.Plugin{}, nil },
		"PodSecurity":                      func(c Config) (admit.Plugin, error) { return podsecurity.New(c.Reader, c.Settings["PodSecurity"]) },
		"PodNodeSelector": func(c Config) (admit.Plugin, error) {
			return podnodeselector.New(c.Reader, c.Settings["PodNodeSelector"])
		},
		"Priority": func(c Config) (admit.Plugin, error) { return priority.New(c.Reader), nil },
		"DefaultTolerationSeconds": func(c Config) (admit.Plugin, error) {
			return defaulttolerationseconds.New(*c.NotReadySeconds, *c.UnreachableSeconds), nil
		},
		"PodTolerationRestriction": func(c Config) (admit.Plugin, error) {
			return podtolerationrestriction.New(c.Reader, c.Settings["PodTolerationRestriction"])
		},
		"EventRateLimit":                       func(c Config) (admit.Plugin, error) { return eventratelimit.New(c.Settings["EventRateLimit"]) },
		"ExtendedResourceToleration":           func(Config) (admit.Plugin, error) { return extendedresourcetoleration.Plugin{}, nil },
		"DefaultStorageClass":                  func(c Config) (admit.Plugin, error) { return defaultstorageclass.New(c.Reader), nil },
		"StorageObjectInUseProtection":         func(Config) (admit.Plugin, error) { return storageobjectinuseprotection.Plugin{}, nil },
		"PodGroupProtection":                   func(Config) (admit.Plugin, error) { return podgroupprotection.Plugin{}, nil },
		"OwnerReferencesPermissionEnforcement": func(c Config) (admit.Plugin, error) { return ownerreferences.New(c.Authorizer, c.ResourceOf), nil },
		"PersistentVolumeClaimResize":          func(c Config) (admit.Plugin, error) { return persistentvolumeclaimresize.New(c.Reader), nil },
		"RuntimeClass":                         func(c Config) (admit.Plugin, error) { return runtimeclass.New(c.Reader), nil },
		"CertificateApproval":                  func(c Config) (admit.Plugin, error) { return certificates.NewApproval(c.Authorizer), nil },
		"CertificateSigning":                   func(c Config) (admit.Plugin, error) { return certificates.NewSigning(c.Authorizer), nil },
		"ClusterTrustBundleAttest":             func(c Config) (admit.Plugin, error) { return certificates.NewAttest(c.Authorizer), nil },
		"CertificateSubjectRestriction":        func(Config) (admit.Plugin, error) { return certificates.Subject{}, nil },
		"DefaultIngressClass":                  func(c Config) (admit.Plugin, error) { return defaultingressclass.New(c.Reader), nil },
		"DenyServiceExternalIPs":               func(Config) (admit.Plugin, error) { return denyserviceexternalips.Plugin{}, nil },
		"PodTopologyLabels":                    func(c Config) (admit.Plugin, error) { return podtopologylabels.New(c.Reader), nil },
		"NodeDeclaredFeatureValidator":         func(c Config) (admit.Plugin, error) { return nodedeclaredfeature.New(c.Reader, c.Release) },
		"PodResizeValidator":                   func(c Config) (admit.Plugin, error) { return podresize.New(c.Reader), nil },
		"MutatingAdmissionPolicy":              func(c Config) (admit.Plugin, error) { return policy.NewMutating(policies(c)), nil },
		"ValidatingAdmissionPolicy":            func(c Config) (admit.Plugin, error) { return policy.NewValidating(policies(c)), nil },
		"MutatingAdmissionWebhook":             func(c Config) (admit.Plugin, error) { return webhook.NewMutating(webhooks(c)), nil },
		"ValidatingAdmissionWebhook":           func(c Config) (admit.Plugin, error) { return webhook.NewValidating(webhooks(c)), nil },
		"ResourceQuota": func(c Config) (admit.Plugin, error) {
			return resourcequota.New(c.Reader, c.Writer, c.Settings["ResourceQuota"])
		},
		"AlwaysDeny": func(Config) (admit.Plugin, error) { return always.Deny{}, nil },
	}
}

func webhooks(c Config) webhook.Config {
	return webhook.Config{Reader: c.Reader, Authorizer: c.Authorizer, Served: c.Served, Took: c.WebhookTook}
}

func policies(c Config) policy.Config {
	return policy.Config{Reader: c.Reader, Authorizer: c.Authorizer, Served: c.Served, ResourceOf: c.ResourceOf, Types: c.Types}
}
