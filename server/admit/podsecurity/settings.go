package podsecurity

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/pod-security-admission/api"
	"sigs.k8s.io/yaml"
)

// settings is a PodSecurityConfiguration (pod-security.admission.config.k8s.io).
type settings struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Defaults   struct {
		Enforce        string `json:"enforce"`
		EnforceVersion string `json:"enforce-version"`
		Audit          string `json:"audit"`
		AuditVersion   string `json:"audit-version"`
		Warn           string `json:"warn"`
		WarnVersion    string `json:"warn-version"`
	} `json:"defaults"`
	Exemptions struct {
		Usernames      []string `json:"usernames"`
		Namespaces     []string `json:"namespaces"`
		RuntimeClasses []string `json:"runtimeClasses"`
	} `json:"exemptions"`

	policy api.Policy // what Defaults say
}

// parse reads the configuration; empty is the default.
func parse(data []byte) (*settings, error) {
	s := &settings{}
	if len(data) > 0 {
		if err := yaml.UnmarshalStrict(data, s); err != nil {
			return nil, err
		}
		const group = "pod-security.admission.config.k8s.io/"
		if s.Kind != "PodSecurityConfiguration" || !slices.Contains([]string{group + "v1", group + "v1beta1", group + "v1alpha1"}, s.APIVersion) {
			return nil, fmt.Errorf("no kind %q is registered for version %q", s.Kind, s.APIVersion)
		}
	}
	var faults field.ErrorList
	defaults := field.NewPath("defaults")
	for _, mode := range []struct {
		name           string
		level, version string
		to             *api.LevelVersion
	}{
		{"enforce", s.Defaults.Enforce, s.Defaults.EnforceVersion, &s.policy.Enforce},
		{"audit", s.Defaults.Audit, s.Defaults.AuditVersion, &s.policy.Audit},
		{"warn", s.Defaults.Warn, s.Defaults.WarnVersion, &s.policy.Warn},
	} {
		if mode.level == "" {
			mode.level = string(api.LevelPrivileged)
		}
		if mode.version == "" {
			mode.version = api.VersionLatest
		}
		var err error
		if mode.to.Level, err = api.ParseLevel(mode.level); err != nil {
			faults = append(faults, field.Invalid(defaults.Child(mode.name), mode.level, err.Error()))
		}
		if mode.to.Version, err = api.ParseVersion(mode.version); err != nil {
			faults = append(faults, field.Invalid(defaults.Child(mode.name+"-version"), mode.version, err.Error()))
		}
	}
	exempt := field.NewPath("exemptions")
	faults = append(faults, names(exempt.Child("usernames"), s.Exemptions.Usernames, func(name string) []string {
		if name == "" {
			return []string{"username must not be empty"}
		}
		return nil
	})...)
	faults = append(faults, names(exempt.Child("namespaces"), s.Exemptions.Namespaces, func(name string) []string { return validation.IsDNS1123Label(name) })...)
	faults = append(faults, names(exempt.Child("runtimeClasses"), s.Exemptions.RuntimeClasses, func(name string) []string { return validation.IsDNS1123Subdomain(name) })...)
	return s, faults.ToAggregate()
}

// names checks a list of names for what is not one, and for what is there twice.
func names(path *field.Path, list []string, check func(string) []string) (faults field.ErrorList) {
	for i, name := range list {
		for _, text := range check(name) {
			faults = append(faults, field.Invalid(path.Index(i), name, text))
		}
		if slices.Contains(list[:i], name) {
			faults = append(faults, field.Duplicate(path.Index(i), name))
		}
	}
	return faults
}
