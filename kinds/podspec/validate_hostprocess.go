package podspec

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	maxGMSASpec       = 64 * 1024
	maxWindowsDomain  = 256
	maxWindowsUser    = 104
	wrongWindowsChars = `"/\:;|=,+*?<>@[]`
)

// Domains of Windows users are NetBIOS or DNS names
// (https://learn.microsoft.com/windows-server/identity/ad-ds/plan/naming-conventions).
var (
	netBIOSDomain = regexp.MustCompile(`^[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}$`)
	dnsDomain     = regexp.MustCompile(`^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*$`)
	controlChars  = regexp.MustCompile(`[[:cntrl:]]`)
)

func validateWindowsOptions(o *corev1.WindowsSecurityContextOptions, path *field.Path) field.ErrorList {
	if o == nil {
		return nil
	}
	var errs field.ErrorList
	if o.GMSACredentialSpecName != nil {
		errs = append(errs, validateSubdomain(*o.GMSACredentialSpecName, path.Child("gmsaCredentialSpecName"))...)
	}
	if o.GMSACredentialSpec != nil {
		at := path.Child("gmsaCredentialSpec")
		if *o.GMSACredentialSpec == "" {
			errs = append(errs, field.Invalid(at, "", "gmsaCredentialSpec cannot be an empty string"))
		} else if len(*o.GMSACredentialSpec) > maxGMSASpec {
			errs = append(errs, field.Invalid(at, *o.GMSACredentialSpec, fmt.Sprintf("gmsaCredentialSpec size must be under %d KiB", maxGMSASpec/1024)))
		}
	}
	if o.RunAsUserName != nil {
		for _, msg := range checkWindowsUser(*o.RunAsUserName) {
			errs = append(errs, field.Invalid(path.Child("runAsUserName"), *o.RunAsUserName, msg))
		}
	}
	return errs
}

// checkWindowsUser says what is wrong with DOMAIN\USER or USER.
func checkWindowsUser(name string) []string {
	parts := strings.Split(name, `\`)
	switch {
	case name == "":
		return []string{"runAsUserName cannot be an empty string"}
	case controlChars.MatchString(name):
		return []string{"runAsUserName cannot contain control characters"}
	case len(parts) > 2:
		return []string{"runAsUserName cannot contain more than one backslash"}
	}
	user := parts[len(parts)-1]
	var msgs []string
	if len(parts) == 2 {
		if len(parts[0]) >= maxWindowsDomain {
			msgs = append(msgs, fmt.Sprintf("runAsUserName's Domain length must be under %d characters", maxWindowsDomain))
		}
		if !netBIOSDomain.MatchString(parts[0]) && !dnsDomain.MatchString(parts[0]) {
			msgs = append(msgs, "runAsUserName's Domain doesn't match the NetBios nor the DNS format")
		}
	}
	if user == "" {
		msgs = append(msgs, "runAsUserName's User cannot be empty")
	} else if len(user) > maxWindowsUser {
		msgs = append(msgs, fmt.Sprintf("runAsUserName's User length must not be longer than %d characters", maxWindowsUser))
	}
	if user != "" && strings.Trim(user, ". ") == "" {
		msgs = append(msgs, "runAsUserName's User cannot contain only periods or spaces")
	}
	if strings.ContainsAny(user, wrongWindowsChars) {
		msgs = append(msgs, "runAsUserName's User cannot contain the following characters: "+wrongWindowsChars)
	}
	return msgs
}

func hostProcess(o *corev1.WindowsSecurityContextOptions) *bool {
	if o == nil {
		return nil
	}
	return o.HostProcess
}

// validateHostProcess: either all containers of a Windows pod are processes of the host, or none.
func validateHostProcess(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	var pod *bool
	if spec.SecurityContext != nil {
		pod = hostProcess(spec.SecurityContext.WindowsOptions)
	}
	all, host := 0, 0
	for c, at := range EachContainer(spec, path) {
		all++
		own := pod
		if c.SecurityContext != nil {
			if v := hostProcess(c.SecurityContext.WindowsOptions); v != nil {
				own = v
			}
		}
		if own != nil && *own {
			host++
		}
		if pod != nil && own != nil && *pod != *own {
			errs = append(errs, field.Invalid(at.Child("securityContext", "windowsOptions", "hostProcess"), *own, fmt.Sprintf("pod hostProcess value must be identical if both are specified, was %v", *pod)))
		}
	}
	if host == 0 {
		return errs
	}
	if host != all {
		errs = append(errs, field.Invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers"))
	}
	if !spec.HostNetwork {
		errs = append(errs, field.Invalid(path.Child("hostNetwork"), spec.HostNetwork, "hostNetwork must be true if pod contains any hostProcess containers"))
	}
	return errs
}
