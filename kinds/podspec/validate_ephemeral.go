package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateEphemeralContainers checks the containers added to a running pod, which may have less than
// others: they are never restarted, and no resources are kept for them.
func (s *scope) validateEphemeralContainers(path *field.Path) field.ErrorList {
	if len(s.spec.EphemeralContainers) == 0 {
		return nil
	}
	var errs field.ErrorList
	others := map[string]bool{}
	for i := range s.spec.Containers {
		others[s.spec.Containers[i].Name] = true
	}
	for i := range s.spec.InitContainers {
		others[s.spec.InitContainers[i].Name] = true
	}
	names := map[string]bool{}
	for i := range s.spec.EphemeralContainers {
		e, at := &s.spec.EphemeralContainers[i], path.Index(i)
		c := asContainer(e)
		errs = append(errs, s.validateContainer(c, at)...)
		if others[c.Name] || names[c.Name] {
			errs = append(errs, field.Duplicate(at.Child("name"), c.Name))
		}
		names[c.Name] = true
		if e.TargetContainerName != "" && !others[e.TargetContainerName] {
			errs = append(errs, field.NotFound(at.Child("targetContainerName"), e.TargetContainerName))
		}
		errs = append(errs, forbidForEphemeral(c, at)...)
		for j := range c.VolumeMounts {
			mount := at.Child("volumeMounts").Index(j)
			if c.VolumeMounts[j].SubPath != "" {
				errs = append(errs, field.Forbidden(mount.Child("subPath"), notForEphemeral))
			}
			if c.VolumeMounts[j].SubPathExpr != "" {
				errs = append(errs, field.Forbidden(mount.Child("subPathExpr"), notForEphemeral))
			}
		}
	}
	return errs
}

const notForEphemeral = "cannot be set for an Ephemeral Container"

func forbidForEphemeral(c *corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"ports", c.Ports != nil},
		{"resources", c.Resources.Limits != nil || c.Resources.Requests != nil || c.Resources.Claims != nil},
		{"resizePolicy", c.ResizePolicy != nil},
		{"restartPolicy", c.RestartPolicy != nil},
		{"restartPolicyRules", c.RestartPolicyRules != nil},
		{"livenessProbe", c.LivenessProbe != nil},
		{"readinessProbe", c.ReadinessProbe != nil},
		{"startupProbe", c.StartupProbe != nil},
		{"lifecycle", c.Lifecycle != nil},
	} {
		if f.set {
			errs = append(errs, field.Forbidden(path.Child(f.name), notForEphemeral))
		}
	}
	return errs
}
