package podspec

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/internalname"
)

func validateSecurityContext(c *corev1.SecurityContext, hostUsers bool, path *field.Path) field.ErrorList {
	if c == nil {
		return nil
	}
	errs := validateUser(c.RunAsUser, path.Child("runAsUser"))
	errs = append(errs, validateGroup(c.RunAsGroup, path.Child("runAsGroup"))...)
	if c.ProcMount != nil {
		switch {
		case *c.ProcMount != corev1.DefaultProcMount && *c.ProcMount != corev1.UnmaskedProcMount:
			errs = append(errs, field.NotSupported(path.Child("procMount"), *c.ProcMount, []corev1.ProcMountType{corev1.DefaultProcMount, corev1.UnmaskedProcMount}))
		case *c.ProcMount == corev1.UnmaskedProcMount && hostUsers:
			errs = append(errs, field.Invalid(path.Child("procMount"), *c.ProcMount, "`hostUsers` must be false to use `Unmasked`"))
		}
	}
	errs = append(errs, validateSeccompProfile(c.SeccompProfile, path.Child("seccompProfile"))...)
	if c.AllowPrivilegeEscalation != nil && !*c.AllowPrivilegeEscalation {
		if deref(c.Privileged) {
			errs = append(errs, field.Invalid(path, internalname.Value(c), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
		}
		if c.Capabilities != nil {
			for _, added := range c.Capabilities.Add {
				if added == "CAP_SYS_ADMIN" {
					errs = append(errs, field.Invalid(path, internalname.Value(c), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"))
				}
			}
		}
	}
	errs = append(errs, validateWindowsOptions(c.WindowsOptions, path.Child("windowsOptions"))...)
	return append(errs, validateAppArmorProfile(c.AppArmorProfile, path.Child("appArmorProfile"))...)
}

func validateUser(id *int64, path *field.Path) field.ErrorList {
	if id == nil {
		return nil
	}
	return invalidEach(path, *id, validation.IsValidUserID(*id))
}

func validateGroup(id *int64, path *field.Path) field.ErrorList {
	if id == nil {
		return nil
	}
	return invalidEach(path, *id, validation.IsValidGroupID(*id))
}

func (s *scope) validatePodSecurity(path *field.Path) field.ErrorList {
	c := s.spec.SecurityContext
	if c == nil {
		return nil
	}
	at := path.Child("securityContext")
	errs := validateGroup(c.FSGroup, at.Child("fsGroup"))
	errs = append(errs, validateUser(c.RunAsUser, at.Child("runAsUser"))...)
	errs = append(errs, validateGroup(c.RunAsGroup, at.Child("runAsGroup"))...)
	for i := range c.SupplementalGroups {
		errs = append(errs, validateGroup(&c.SupplementalGroups[i], at.Child("supplementalGroups").Index(i))...)
	}
	if s.spec.HostPID && deref(s.spec.ShareProcessNamespace) {
		errs = append(errs, field.Invalid(path.Child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled"))
	}
	errs = append(errs, s.validateSysctls(c.Sysctls, at.Child("sysctls"))...)
	if p := c.FSGroupChangePolicy; p != nil && *p != corev1.FSGroupChangeAlways && *p != corev1.FSGroupChangeOnRootMismatch {
		errs = append(errs, field.NotSupported(at.Child("fsGroupChangePolicy"), *p, []corev1.PodFSGroupChangePolicy{corev1.FSGroupChangeAlways, corev1.FSGroupChangeOnRootMismatch}))
	}
	errs = append(errs, validateSeccompProfile(c.SeccompProfile, at.Child("seccompProfile"))...)
	errs = append(errs, validateWindowsOptions(c.WindowsOptions, at.Child("windowsOptions"))...)
	errs = append(errs, validateAppArmorProfile(c.AppArmorProfile, at.Child("appArmorProfile"))...)
	if p := c.SupplementalGroupsPolicy; p != nil && *p != corev1.SupplementalGroupsPolicyMerge && *p != corev1.SupplementalGroupsPolicyStrict {
		errs = append(errs, field.NotSupported(at.Child("supplementalGroupsPolicy"), *p, []corev1.SupplementalGroupsPolicy{corev1.SupplementalGroupsPolicyMerge, corev1.SupplementalGroupsPolicyStrict}))
	}
	if p := c.SELinuxChangePolicy; p != nil && *p != corev1.SELinuxChangePolicyMountOption && *p != corev1.SELinuxChangePolicyRecursive {
		errs = append(errs, field.NotSupported(at.Child("seLinuxChangePolicy"), *p, []corev1.PodSELinuxChangePolicy{corev1.SELinuxChangePolicyMountOption, corev1.SELinuxChangePolicyRecursive}))
	}
	return errs
}

func validateSeccompProfile(p *corev1.SeccompProfile, path *field.Path) field.ErrorList {
	if p == nil {
		return nil
	}
	var errs field.ErrorList
	switch p.Type {
	case corev1.SeccompProfileTypeLocalhost, corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeUnconfined:
	case "":
		errs = append(errs, field.Required(path.Child("type"), "type is required when seccompProfile is set"))
	default:
		errs = append(errs, field.NotSupported(path.Child("type"), p.Type, []corev1.SeccompProfileType{
			corev1.SeccompProfileTypeLocalhost, corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeUnconfined}))
	}
	at := path.Child("localhostProfile")
	switch {
	case p.Type == corev1.SeccompProfileTypeLocalhost && p.LocalhostProfile == nil:
		errs = append(errs, field.Required(at, "must be set when seccomp type is Localhost"))
	case p.Type == corev1.SeccompProfileTypeLocalhost:
		errs = append(errs, validateDescendingPath(*p.LocalhostProfile, at)...)
	case p.LocalhostProfile != nil:
		errs = append(errs, field.Invalid(at, internalname.Value(p), "can only be set when seccomp type is Localhost"))
	}
	return errs
}

func validateAppArmorProfile(p *corev1.AppArmorProfile, path *field.Path) field.ErrorList {
	if p == nil {
		return nil
	}
	at := path.Child("localhostProfile")
	const required = "must be set when AppArmor type is Localhost"
	switch p.Type {
	case corev1.AppArmorProfileTypeLocalhost:
		if p.LocalhostProfile == nil {
			return field.ErrorList{field.Required(at, required)}
		}
		var errs field.ErrorList
		trimmed := strings.TrimSpace(*p.LocalhostProfile)
		if trimmed != *p.LocalhostProfile {
			errs = append(errs, field.Invalid(at, *p.LocalhostProfile, "must not be padded with whitespace"))
		} else if trimmed == "" {
			errs = append(errs, field.Required(at, required))
		}
		if len(*p.LocalhostProfile) > maxAppArmorProfileLength {
			errs = append(errs, field.TooLong(at, *p.LocalhostProfile, maxAppArmorProfileLength))
		}
		return errs
	case corev1.AppArmorProfileTypeRuntimeDefault, corev1.AppArmorProfileTypeUnconfined:
		if p.LocalhostProfile != nil {
			return field.ErrorList{field.Invalid(at, *p.LocalhostProfile, "can only be set when AppArmor type is Localhost")}
		}
		return nil
	case "":
		return field.ErrorList{field.Required(path.Child("type"), "type is required when appArmorProfile is set")}
	}
	return field.ErrorList{field.NotSupported(path.Child("type"), p.Type, []corev1.AppArmorProfileType{
		corev1.AppArmorProfileTypeLocalhost, corev1.AppArmorProfileTypeRuntimeDefault, corev1.AppArmorProfileTypeUnconfined})}
}

const (
	maxSysctlLength = 253
	sysctlPattern   = `^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`
)

var sysctlName = regexp.MustCompile(sysctlPattern)

func (s *scope) validateSysctls(sysctls []corev1.Sysctl, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	names := map[string]bool{}
	for i, ctl := range sysctls {
		at := path.Index(i).Child("name")
		switch {
		case ctl.Name == "":
			errs = append(errs, field.Required(at, ""))
		case len(ctl.Name) > maxSysctlLength || !sysctlName.MatchString(ctl.Name):
			errs = append(errs, field.Invalid(at, ctl.Name, fmt.Sprintf("must have at most %d characters and match regex %s", maxSysctlLength, sysctlPattern)))
		case names[ctl.Name]:
			errs = append(errs, field.Duplicate(at, ctl.Name))
		}
		if !s.opts.HostSysctls {
			switch namespaceOf(ctl.Name) {
			case "net":
				if s.spec.HostNetwork {
					errs = append(errs, field.Invalid(at, ctl.Name, "may not be specified when 'hostNetwork' is true"))
				}
			case "ipc":
				if s.spec.HostIPC {
					errs = append(errs, field.Invalid(at, ctl.Name, "may not be specified when 'hostIPC' is true"))
				}
			}
		}
		names[ctl.Name] = true
	}
	return errs
}

// namespaceOf is the kernel namespace a sysctl belongs to, "" for none.
func namespaceOf(sysctl string) string {
	if i := strings.IndexAny(sysctl, "./"); i >= 0 && sysctl[i] == '/' {
		// The other notation: slashes separate, dots are part of names.
		sysctl = strings.NewReplacer("/", ".", ".", "/").Replace(sysctl)
	}
	switch {
	case strings.HasPrefix(sysctl, "net."):
		return "net"
	case sysctl == "kernel.sem", strings.HasPrefix(sysctl, "kernel.shm"), strings.HasPrefix(sysctl, "kernel.msg"), strings.HasPrefix(sysctl, "fs.mqueue."):
		return "ipc"
	}
	return ""
}

func hasHostSysctl(spec *corev1.PodSpec) bool {
	if spec.SecurityContext == nil {
		return false
	}
	for _, ctl := range spec.SecurityContext.Sysctls {
		if ns := namespaceOf(ctl.Name); ns == "net" && spec.HostNetwork || ns == "ipc" && spec.HostIPC {
			return true
		}
	}
	return false
}
