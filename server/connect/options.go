package connect

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/server/request"
)

// logOptions reads the parameters of pods/log.
func logOptions(q request.Query) (*corev1.PodLogOptions, error) {
	o := &corev1.PodLogOptions{
		Container:                    q.Get("container"),
		Follow:                       q.Bool("follow"),
		Previous:                     q.Bool("previous"),
		Timestamps:                   q.Bool("timestamps"),
		InsecureSkipTLSVerifyBackend: q.Bool("insecureSkipTLSVerifyBackend"),
	}
	numbers := []struct {
		name string
		into **int64
	}{{"sinceSeconds", &o.SinceSeconds}, {"tailLines", &o.TailLines}, {"limitBytes", &o.LimitBytes}}
	for _, n := range numbers {
		if !q.Has(n.name) {
			continue
		}
		v, err := strconv.ParseInt(q.Get(n.name), 10, 64)
		if err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		*n.into = &v
	}
	if q.Has("sinceTime") {
		o.SinceTime = &metav1.Time{}
		if err := o.SinceTime.UnmarshalQueryParameter(q.Get("sinceTime")); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
	}
	if q.Has("stream") {
		stream := q.Get("stream")
		o.Stream = &stream
	}
	return o, nil
}

func validateLogOptions(name string, o *corev1.PodLogOptions) error {
	var errs field.ErrorList
	if o.TailLines != nil && *o.TailLines < 0 {
		errs = append(errs, field.Invalid(field.NewPath("tailLines"), *o.TailLines, "must be greater than or equal to 0"))
	}
	if o.LimitBytes != nil && *o.LimitBytes < 1 {
		errs = append(errs, field.Invalid(field.NewPath("limitBytes"), *o.LimitBytes, "must be greater than 0"))
	}
	switch {
	case o.SinceSeconds != nil && o.SinceTime != nil:
		errs = append(errs, field.Forbidden(field.NewPath(""), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
	case o.SinceSeconds != nil && *o.SinceSeconds < 1:
		errs = append(errs, field.Invalid(field.NewPath("sinceSeconds"), *o.SinceSeconds, "must be greater than 0"))
	}
	if o.Stream != nil { // one stream of the two is an alpha feature (PodLogsQuerySplitStreams)
		errs = append(errs, field.Forbidden(field.NewPath("stream"), "may not be specified"))
	}
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Kind: "PodLogOptions"}, name, errs)
}

func execOptions(q request.Query) *corev1.PodExecOptions {
	return &corev1.PodExecOptions{
		Stdin: q.Bool("stdin"), Stdout: q.Bool("stdout"), Stderr: q.Bool("stderr"), TTY: q.Bool("tty"),
		Container: q.Get("container"), Command: q["command"],
	}
}

func attachOptions(q request.Query) *corev1.PodAttachOptions {
	return &corev1.PodAttachOptions{
		Stdin: q.Bool("stdin"), Stdout: q.Bool("stdout"), Stderr: q.Bool("stderr"), TTY: q.Bool("tty"),
		Container: q.Get("container"),
	}
}

func portForwardOptions(q request.Query) (*corev1.PodPortForwardOptions, error) {
	o := &corev1.PodPortForwardOptions{}
	for _, v := range q["ports"] {
		for part := range strings.SplitSeq(v, ",") {
			port, err := strconv.ParseInt(part, 10, 32)
			if err != nil {
				return nil, apierrors.NewBadRequest(err.Error())
			}
			o.Ports = append(o.Ports, int32(port))
		}
	}
	return o, nil
}

// containerOf returns the container that is meant: the one asked for, or the only one.
func containerOf(pod *corev1.Pod, asked string) (string, error) {
	var names []string
	for _, c := range pod.Spec.InitContainers {
		names = append(names, c.Name)
	}
	for _, c := range pod.Spec.Containers {
		names = append(names, c.Name)
	}
	for _, c := range pod.Spec.EphemeralContainers {
		names = append(names, c.Name)
	}
	if asked == "" {
		if len(pod.Spec.Containers) == 1 {
			return pod.Spec.Containers[0].Name, nil
		}
		msg := fmt.Sprintf("a container name must be specified for pod %s", pod.Name)
		if len(pod.Spec.Containers) > 1 {
			msg += fmt.Sprintf(", choose one of: [%s]", strings.Join(names, " "))
		}
		return "", apierrors.NewBadRequest(msg)
	}
	for _, n := range names {
		if n == asked {
			return asked, nil
		}
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", asked, pod.Name))
}
