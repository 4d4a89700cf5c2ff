package podsecurity

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"

	"github.com/nave-k8s/nave/server/admit"
)

// reviewTemplate warns of pods that would not be allowed. Nothing is refused: the pods themselves will be.
func (p *Plugin) reviewTemplate(ctx context.Context, a *admit.Attributes) {
	if p.exempt(a) {
		return
	}
	chosen, faults, err := p.policyOf(ctx, a.Namespace)
	if err != nil {
		annotate(a, "error", fmt.Sprintf("failed to lookup namespace %q: %v", a.Namespace, err))
		return
	}
	if len(faults) == 0 && chosen.Warn.Level == api.LevelPrivileged && chosen.Audit.Level == api.LevelPrivileged {
		return
	}
	template := templateOf(a.Object)
	if template == nil {
		return
	}
	_ = p.evaluate(a, chosen, faults.ToAggregate(), &template.ObjectMeta, &template.Spec, false)
}

func hasTemplate(group, plural string) bool {
	switch group {
	case "":
		return plural == "podtemplates" || plural == "replicationcontrollers"
	case appsv1.GroupName:
		return plural == "deployments" || plural == "replicasets" || plural == "statefulsets" || plural == "daemonsets"
	case batchv1.GroupName:
		return plural == "jobs" || plural == "cronjobs"
	}
	return false
}

// templateOf returns the pod template, nil if the object has none.
func templateOf(obj runtime.Object) *corev1.PodTemplateSpec {
	switch o := obj.(type) {
	case *corev1.PodTemplate:
		return &o.Template
	case *corev1.ReplicationController:
		return o.Spec.Template
	case *appsv1.Deployment:
		return &o.Spec.Template
	case *appsv1.ReplicaSet:
		return &o.Spec.Template
	case *appsv1.StatefulSet:
		return &o.Spec.Template
	case *appsv1.DaemonSet:
		return &o.Spec.Template
	case *batchv1.Job:
		return &o.Spec.Template
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template
	}
	return nil
}
