package podspec

import corev1 "k8s.io/api/core/v1"

// DropDisabledTemplate drops from a pod template the fields whose features are off by default, as though
// the client had not sent them; what old has already stays. old is nil on create.
func DropDisabledTemplate(t, old *corev1.PodTemplateSpec) {
	var oldSpec *corev1.PodSpec
	if old != nil {
		oldSpec = &old.Spec
	}
	DropDisabled(&t.Spec, oldSpec)
}

// DropDisabled is DropDisabledTemplate for a spec. Nearly all pods have none of these fields, and nothing
// of old is looked at then.
func DropDisabled(spec, old *corev1.PodSpec) {
	if old == nil {
		old = &corev1.PodSpec{}
	}
	if spec.SchedulingGroup != nil && old.SchedulingGroup == nil {
		spec.SchedulingGroup = nil
	}
	if spec.EvictionResponders != nil && old.EvictionResponders == nil {
		spec.EvictionResponders = nil
	}
	for _, f := range disabledInContainers {
		if uses(spec, f) && !uses(old, f) {
			for c := range Containers(spec) {
				f.drop(c)
			}
		}
	}
	dropFromVolumes(spec, old)
}

// A containerField is a field of containers of a feature that is off.
type containerField struct {
	used func(c *corev1.Container) bool
	drop func(c *corev1.Container)
}

func uses(spec *corev1.PodSpec, f containerField) bool {
	for c := range Containers(spec) {
		if f.used(c) {
			return true
		}
	}
	return false
}

var disabledInContainers = []containerField{
	{ // ContainerStopSignals
		used: func(c *corev1.Container) bool { return c.Lifecycle != nil && c.Lifecycle.StopSignal != nil },
		drop: func(c *corev1.Container) {
			if l := c.Lifecycle; l != nil && l.StopSignal != nil {
				l.StopSignal = nil
				if l.PostStart == nil && l.PreStop == nil {
					c.Lifecycle = nil
				}
			}
		},
	},
	{ // VolumeBindMountOptions
		used: func(c *corev1.Container) bool {
			for i := range c.VolumeMounts {
				if c.VolumeMounts[i].BindMountOptions != nil {
					return true
				}
			}
			return false
		},
		drop: func(c *corev1.Container) {
			for i := range c.VolumeMounts {
				c.VolumeMounts[i].BindMountOptions = nil
			}
		},
	},
	{ // H2CContainerProbe
		used: func(c *corev1.Container) bool {
			for _, a := range httpGets(c) {
				if a.Protocol != nil {
					return true
				}
			}
			return false
		},
		drop: func(c *corev1.Container) {
			for _, a := range httpGets(c) {
				a.Protocol = nil
			}
		},
	},
	{ // GRPCContainerProbeTLS
		used: func(c *corev1.Container) bool {
			for _, p := range probes(c) {
				if p.GRPC != nil && p.GRPC.Mode != nil {
					return true
				}
			}
			return false
		},
		drop: func(c *corev1.Container) {
			for _, p := range probes(c) {
				if p.GRPC != nil {
					p.GRPC.Mode = nil
				}
			}
		},
	},
}

func probes(c *corev1.Container) []*corev1.Probe {
	var all []*corev1.Probe
	for _, p := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

func httpGets(c *corev1.Container) []*corev1.HTTPGetAction {
	var all []*corev1.HTTPGetAction
	for _, p := range probes(c) {
		if p.HTTPGet != nil {
			all = append(all, p.HTTPGet)
		}
	}
	if c.Lifecycle != nil {
		for _, h := range []*corev1.LifecycleHandler{c.Lifecycle.PostStart, c.Lifecycle.PreStop} {
			if h != nil && h.HTTPGet != nil {
				all = append(all, h.HTTPGet)
			}
		}
	}
	return all
}
