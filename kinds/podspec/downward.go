package podspec

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Fields of a pod that its containers can be told, in environment variables and in files.
var (
	envFields = []string{"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
		"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"}
	fileFields = []string{"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"}
)

// containerResources are the amounts of a container's resources that it can be told.
var containerResources = []string{"limits.cpu", "limits.ephemeral-storage", "limits.memory",
	"requests.cpu", "requests.ephemeral-storage", "requests.memory"}

func validateDownwardVolume(v *corev1.DownwardAPIVolumeSource, path *field.Path) field.ErrorList {
	errs := validateMode(v.DefaultMode, path.Child("defaultMode"))
	for i := range v.Items {
		errs = append(errs, validateDownwardFile(&v.Items[i], path)...)
	}
	return errs
}

// validateDownwardFile checks one file; errors name the volume's path, without an index.
func validateDownwardFile(f *corev1.DownwardAPIVolumeFile, path *field.Path) field.ErrorList {
	errs := require(f.Path, path.Child("path"))
	errs = append(errs, validateFreePath(f.Path, path.Child("path"))...)
	switch {
	case f.FieldRef != nil:
		errs = append(errs, validateFieldRef(f.FieldRef, fileFields, path.Child("fieldRef"))...)
		if f.ResourceFieldRef != nil {
			errs = append(errs, field.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"))
		}
	case f.ResourceFieldRef != nil:
		errs = append(errs, validateResourceRef(f.ResourceFieldRef, true, path.Child("resourceFieldRef"))...)
	default:
		errs = append(errs, field.Required(path, "one of fieldRef and resourceFieldRef is required"))
	}
	return append(errs, validateMode(f.Mode, path.Child("mode"))...)
}

func validateFieldRef(ref *corev1.ObjectFieldSelector, allowed []string, path *field.Path) field.ErrorList {
	if ref.APIVersion == "" {
		return field.ErrorList{field.Required(path.Child("apiVersion"), "")}
	}
	if ref.FieldPath == "" {
		return field.ErrorList{field.Required(path.Child("fieldPath"), "")}
	}
	name, subscript, subscripted, err := podField(ref)
	switch {
	case err != nil:
		return field.ErrorList{field.Invalid(path.Child("fieldPath"), ref.FieldPath, fmt.Sprintf("error converting fieldPath: %v", err))}
	case subscripted && name == "metadata.annotations":
		return validateQualifiedName(strings.ToLower(subscript), path)
	case subscripted:
		return validateQualifiedName(subscript, path)
	}
	for _, known := range allowed {
		if name == known {
			return nil
		}
	}
	return field.ErrorList{field.NotSupported(path.Child("fieldPath"), ref.FieldPath, allowed)}
}

// podField reads a field path such as metadata.labels['app'].
func podField(ref *corev1.ObjectFieldSelector) (name, subscript string, subscripted bool, err error) {
	if ref.APIVersion != "v1" {
		return "", "", false, fmt.Errorf("unsupported pod version: %s", ref.APIVersion)
	}
	if base, sub, ok := splitSubscript(ref.FieldPath); ok {
		if base != "metadata.annotations" && base != "metadata.labels" {
			return "", "", false, fmt.Errorf("field label does not support subscript: %s", ref.FieldPath)
		}
		return base, sub, true, nil
	}
	switch ref.FieldPath {
	case "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
		"spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName",
		"status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs":
		return ref.FieldPath, "", false, nil
	case "spec.host": // the name of old
		return "spec.nodeName", "", false, nil
	}
	return "", "", false, fmt.Errorf("field label not supported: %s", ref.FieldPath)
}

func splitSubscript(path string) (base, subscript string, ok bool) {
	inner, ok := strings.CutSuffix(path, "']")
	if !ok {
		return "", "", false
	}
	base, subscript, ok = strings.Cut(inner, "['")
	return base, subscript, ok && base != ""
}

// validateResourceRef checks which resource of a container is told; in a volume the container must be
// named, because a volume has none of its own.
func validateResourceRef(ref *corev1.ResourceFieldSelector, volume bool, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch {
	case volume && ref.ContainerName == "":
		errs = append(errs, field.Required(path.Child("containerName"), ""))
	case ref.Resource == "":
		errs = append(errs, field.Required(path.Child("resource"), ""))
	case !knownContainerResource(ref.Resource):
		errs = append(errs, field.NotSupported(path.Child("resource"), ref.Resource, containerResources))
	}
	return append(errs, validateDivisor(ref, path)...)
}

func isHugePages(resource string) bool {
	return strings.HasPrefix(resource, "limits.hugepages-") || strings.HasPrefix(resource, "requests.hugepages-")
}

func knownContainerResource(resource string) bool {
	for _, known := range containerResources {
		if resource == known {
			return true
		}
	}
	return isHugePages(resource)
}

const byteDivisors = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"

func validateDivisor(ref *corev1.ResourceFieldSelector, path *field.Path) field.ErrorList {
	if ref.Divisor.IsZero() {
		return nil
	}
	text := ref.Divisor.String()
	if ref.Resource == "limits.cpu" || ref.Resource == "requests.cpu" {
		if text == "1m" || text == "1" {
			return nil
		}
		return field.ErrorList{field.Invalid(path.Child("divisor"), ref.Resource, "only divisor's values 1m and 1 are supported with the cpu resource")}
	}
	what := ""
	switch {
	case strings.HasSuffix(ref.Resource, "s.memory"):
		what = "memory"
	case strings.HasSuffix(ref.Resource, "s.ephemeral-storage"):
		what = "local ephemeral storage"
	case isHugePages(ref.Resource):
		what = "hugepages"
	default:
		return nil
	}
	for divisor := range strings.SplitSeq(byteDivisors, ", ") {
		if text == divisor {
			return nil
		}
	}
	return field.ErrorList{field.Invalid(path.Child("divisor"), ref.Resource, "only divisor's values "+byteDivisors+" are supported with the "+what+" resource")}
}
