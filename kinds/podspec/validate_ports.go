package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func validatePorts(ports []corev1.ContainerPort, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	var names map[string]bool
	for i := range ports {
		p, at := &ports[i], path.Index(i)
		if p.Name != "" {
			msgs := validation.IsValidPortName(p.Name)
			errs = append(errs, invalidEach(at.Child("name"), p.Name, msgs)...)
			if names == nil {
				names = map[string]bool{}
			}
			if len(msgs) == 0 && names[p.Name] {
				errs = append(errs, field.Duplicate(at.Child("name"), p.Name))
			} else if len(msgs) == 0 {
				names[p.Name] = true
			}
		}
		if p.ContainerPort == 0 {
			errs = append(errs, field.Required(at.Child("containerPort"), ""))
		} else {
			errs = append(errs, invalidEach(at.Child("containerPort"), p.ContainerPort, validation.IsValidPortNum(int(p.ContainerPort)))...)
		}
		if p.HostPort != 0 {
			errs = append(errs, invalidEach(at.Child("hostPort"), p.HostPort, validation.IsValidPortNum(int(p.HostPort)))...)
		}
		switch p.Protocol {
		case corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP:
		case "":
			errs = append(errs, field.Required(at.Child("protocol"), ""))
		default:
			errs = append(errs, field.NotSupported(at.Child("protocol"), p.Protocol, []corev1.Protocol{corev1.ProtocolSCTP, corev1.ProtocolTCP, corev1.ProtocolUDP}))
		}
	}
	return errs
}

// validateTargetPort checks a port given by number or by name.
func validateTargetPort(port intstr.IntOrString, path *field.Path) field.ErrorList {
	if port.Type == intstr.Int {
		return invalidEach(path, port.IntValue(), validation.IsValidPortNum(port.IntValue()))
	}
	return invalidEach(path, port.StrVal, validation.IsValidPortName(port.StrVal))
}

// validateHostNetworkPorts: with the node's network a port of a container is the node's. A template may
// leave the node's port out, a pod has it by default.
func validateHostNetworkPorts(spec *corev1.PodSpec, opts Options, path *field.Path) field.ErrorList {
	if !spec.HostNetwork {
		return nil
	}
	var errs field.ErrorList
	for i := range spec.Containers {
		for j, p := range spec.Containers[i].Ports {
			if p.HostPort != p.ContainerPort && (opts.Pod || p.HostPort != 0) {
				errs = append(errs, field.Invalid(path.Child("containers").Index(i).Child("ports").Index(j).Child("hostPort"), p.HostPort, "must match `containerPort` when `hostNetwork` is true"))
			}
		}
	}
	return errs
}
