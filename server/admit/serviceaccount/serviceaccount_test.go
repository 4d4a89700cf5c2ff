package serviceaccount

import (
	"context"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func account(name string, change func(*corev1.ServiceAccount)) *corev1.ServiceAccount {
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}}
	if change != nil {
		change(sa)
	}
	return sa
}

func pod(change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p"}}
	p.Spec.Containers = []corev1.Container{{Name: "c"}}
	if change != nil {
		change(p)
	}
	return p
}

func world() *admittest.World {
	return admittest.NewWorld(
		account("default", nil),
		account("quiet", func(sa *corev1.ServiceAccount) {
			sa.AutomountServiceAccountToken = ptr.To(false)
			sa.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "reg"}}
		}),
		account("strict", func(sa *corev1.ServiceAccount) {
			sa.Annotations = map[string]string{enforceMountableSecrets: "true"}
			sa.Secrets = []corev1.ObjectReference{{Name: "mine"}}
		}),
	)
}

func TestMutateAccount(t *testing.T) {
	mirror := map[string]string{corev1.MirrorPodAnnotationKey: "x"}
	for _, test := range []struct {
		name   string
		change func(*corev1.Pod)
		want   string // the account, or the error
		pull   int
	}{
		{"default", nil, "default", 0},
		{"pull secrets of the account", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "quiet" }, "quiet", 1},
		{"own pull secrets", func(p *corev1.Pod) {
			p.Spec.ServiceAccountName = "quiet"
			p.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "a"}, {Name: "b"}}
		}, "quiet", 2},
		{"missing", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "none" }, `pods "p" is forbidden: error looking up service account ns/none: serviceaccount "none" not found`, 0},
		{"mirror", func(p *corev1.Pod) { p.Annotations = mirror }, "", 0},
		{"mirror with an account", func(p *corev1.Pod) { p.Annotations, p.Spec.ServiceAccountName = mirror, "default" }, `pods "p" is forbidden: a mirror pod may not reference service accounts`, 0},
		{"mirror with a secret", func(p *corev1.Pod) {
			p.Annotations = mirror
			p.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{}}}
		}, `pods "p" is forbidden: a mirror pod may not reference secrets`, 0},
		{"mirror with a token", func(p *corev1.Pod) {
			p.Annotations = mirror
			p.Spec.Volumes = []corev1.Volume{tokenVolume("v")}
		}, `pods "p" is forbidden: a mirror pod may not use ServiceAccountToken volume projections`, 0},
		{"a secret not listed", func(p *corev1.Pod) {
			p.Spec.ServiceAccountName = "strict"
			p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "other"}}}}
		}, `pods "p" is forbidden: volume with secret.secretName="other" is not allowed because service account strict does not reference that secret`, 0},
		{"a listed secret", func(p *corev1.Pod) {
			p.Spec.ServiceAccountName = "strict"
			p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "mine"}}}}
		}, "strict", 0},
		{"envFrom of a secret not listed", func(p *corev1.Pod) {
			p.Spec.ServiceAccountName = "strict"
			p.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "other"}}}}
		}, `pods "p" is forbidden: container c with envFrom referencing secret.secretName="other" is not allowed because service account strict does not reference that secret`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := pod(test.change)
			err := New(world(), func(int) string { return "abcde" }).Mutate(context.Background(), admittest.Write(admit.Create, p, nil))
			got := p.Spec.ServiceAccountName
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if err == nil && (len(p.Spec.ImagePullSecrets) != test.pull || p.Spec.DeprecatedServiceAccount != got) {
				t.Errorf("pull secrets %v, old name %q", p.Spec.ImagePullSecrets, p.Spec.DeprecatedServiceAccount)
			}
		})
	}
}

func TestMutateToken(t *testing.T) {
	for _, test := range []struct {
		name    string
		change  func(*corev1.Pod)
		volumes []string
		mounts  []string // volumes mounted by init and ordinary containers, in order
	}{
		{"plain", nil, []string{"kube-api-access-abcde"}, []string{"kube-api-access-abcde"}},
		{"pod says no", func(p *corev1.Pod) { p.Spec.AutomountServiceAccountToken = ptr.To(false) }, nil, nil},
		{"account says no", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "quiet" }, nil, nil},
		{"pod says yes", func(p *corev1.Pod) {
			p.Spec.ServiceAccountName, p.Spec.AutomountServiceAccountToken = "quiet", ptr.To(true)
		}, []string{"kube-api-access-abcde"}, []string{"kube-api-access-abcde"}},
		{"init containers too", func(p *corev1.Pod) { p.Spec.InitContainers = []corev1.Container{{Name: "i"}} },
			[]string{"kube-api-access-abcde"}, []string{"kube-api-access-abcde", "kube-api-access-abcde"}},
		{"the path is taken", func(p *corev1.Pod) {
			p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "v", MountPath: tokenMountPath}}
		}, nil, []string{"v"}},
		{"a volume of that name is there", func(p *corev1.Pod) { p.Spec.Volumes = []corev1.Volume{{Name: "kube-api-access-x"}} },
			[]string{"kube-api-access-x"}, []string{"kube-api-access-x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := pod(test.change)
			if err := New(world(), func(int) string { return "abcde" }).Mutate(context.Background(), admittest.Write(admit.Create, p, nil)); err != nil {
				t.Fatal(err)
			}
			var volumes, mounts []string
			for _, v := range p.Spec.Volumes {
				volumes = append(volumes, v.Name)
			}
			for _, c := range append(p.Spec.InitContainers, p.Spec.Containers...) {
				for _, m := range c.VolumeMounts {
					mounts = append(mounts, m.Name)
				}
			}
			if !slices.Equal(volumes, test.volumes) || !slices.Equal(mounts, test.mounts) {
				t.Errorf("volumes %v, mounts %v", volumes, mounts)
			}
		})
	}
}

func TestReviewEphemeral(t *testing.T) {
	p := pod(func(p *corev1.Pod) {
		p.Spec.ServiceAccountName = "strict"
		e := corev1.EphemeralContainer{}
		e.Name = "e"
		e.Env = []corev1.EnvVar{{Name: "X", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "other"}}}}}
		p.Spec.EphemeralContainers = []corev1.EphemeralContainer{e}
	})
	a := admittest.Write(admit.Update, p, p)
	a.Subresource = "ephemeralcontainers"
	err := New(world(), nil).Review(context.Background(), a)
	want := `pods "p" is forbidden: ephemeral container e with envVar X referencing secret.secretName="other" is not allowed because service account strict does not reference that secret`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
