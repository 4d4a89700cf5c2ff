package admit

import (
	"fmt"
	"slices"
	"strings"
)

// A Place is a plugin's place in the chain.
type Place struct {
	Name      string
	DefaultOn bool
}

// Order is every plugin there is, in the order they run: first all Mutate, and once the object is valid all
// Review. A chain never runs them in another order, whatever order flags name them in.
func Order() []Place {
	return []Place{
		{"AlwaysAdmit", false},
		{"NamespaceAutoProvision", false},
		{"NamespaceLifecycle", true},
		{"NamespaceExists", false},
		{"LimitPodHardAntiAffinityTopology", false},
		{"LimitRanger", true},
		{"ServiceAccount", true},
		{"NodeRestriction", false},
		{"TaintNodesByCondition", true},
		{"AlwaysPullImages", false},
		{"ImagePolicyWebhook", false},
		{"PodSecurity", true},
		{"PodNodeSelector", false},
		{"Priority", true},
		{"DefaultTolerationSeconds", true},
		{"PodTolerationRestriction", false},
		{"EventRateLimit", false},
		{"ExtendedResourceToleration", false},
		{"DefaultStorageClass", true},
		{"StorageObjectInUseProtection", true},
		{"PodGroupProtection", true},
		{"OwnerReferencesPermissionEnforcement", false},
		{"PersistentVolumeClaimResize", true},
		{"RuntimeClass", true},
		{"CertificateApproval", true},
		{"CertificateSigning", true},
		{"ClusterTrustBundleAttest", true},
		{"CertificateSubjectRestriction", true},
		{"DefaultIngressClass", true},
		{"DenyServiceExternalIPs", false},
		{"PodTopologyLabels", true},
		{"NodeDeclaredFeatureValidator", true},
		{"PodResizeValidator", true},
		{"MutatingAdmissionPolicy", true},
		{"MutatingAdmissionWebhook", true},
		{"ValidatingAdmissionPolicy", true},
		{"ValidatingAdmissionWebhook", true},
		{"ResourceQuota", true},
		{"AlwaysDeny", false},
	}
}

// Enabled returns the names of the plugins that are on, in order: the default ones, plus those of enable,
// less those of disable, as --enable-admission-plugins and --disable-admission-plugins have it. A name that
// is not a plugin's, or is in both lists, is an error.
func Enabled(enable, disable []string) ([]string, error) {
	order := Order()
	for flag, names := range map[string][]string{"enable-admission-plugins": enable, "disable-admission-plugins": disable} {
		for _, name := range names {
			if !slices.ContainsFunc(order, func(p Place) bool { return p.Name == name }) {
				return nil, fmt.Errorf("%s plugin %q is unknown; the plugins are %s", flag, name, listed(order))
			}
		}
	}
	var on []string
	for _, p := range order {
		enabled, disabled := slices.Contains(enable, p.Name), slices.Contains(disable, p.Name)
		if enabled && disabled {
			return nil, fmt.Errorf("%s in enable-admission-plugins and disable-admission-plugins overlapped", p.Name)
		}
		if enabled || p.DefaultOn && !disabled {
			on = append(on, p.Name)
		}
	}
	return on, nil
}

func listed(order []Place) string {
	var out []string
	for _, p := range order {
		out = append(out, p.Name)
	}
	return strings.Join(out, ", ")
}
