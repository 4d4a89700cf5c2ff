package pod

import (
	"encoding/json"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// FuzzRules holds that no pod that decodes makes a rule panic, on create and in every way of changing it.
func FuzzRules(f *testing.F) {
	text, err := os.ReadFile("testdata/typical.yaml")
	if err != nil {
		f.Fatal(err)
	}
	seed, err := yaml.YAMLToJSON(text)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, []byte(`{}`))
	f.Add([]byte(`{"spec":{"schedulingGates":[{"name":"g"}],"affinity":{"nodeAffinity":{}},"os":{"name":"windows"},"resources":{"limits":{"cpu":"1"}}}}`), seed)
	f.Add([]byte(`{"spec":{"containers":[{"name":"c","image":"i"}],"ephemeralContainers":[{"name":"e"}]}}`), []byte(`{"status":{"podIPs":[{"ip":"x"}],"containerStatuses":[{"name":"c","state":{"terminated":{}}}]}}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		pod, old := &corev1.Pod{}, &corev1.Pod{}
		if json.Unmarshal(a, pod) != nil || json.Unmarshal(b, old) != nil {
			return
		}
		Default(pod)
		Default(old)
		created := pod.DeepCopy()
		prepareCreate(input, created)
		if len(validateCreate(input, created)) == 0 {
			warn(created, nil)
		}
		row(created, input.Now)
		for _, way := range []struct {
			prepare  func(p, old *corev1.Pod)
			validate func(p, old *corev1.Pod)
		}{
			{func(p, o *corev1.Pod) { prepareUpdate(input, p, o) }, func(p, o *corev1.Pod) { validateUpdate(input, p, o) }},
			{func(p, o *corev1.Pod) { prepareStatus(input, p, o) }, func(p, o *corev1.Pod) { validateStatus(input, p, o) }},
			{func(p, o *corev1.Pod) { prepareResize(input, p, o) }, func(p, o *corev1.Pod) { validateResize(input, p, o) }},
			{func(p, o *corev1.Pod) { prepareEphemeralContainers(input, p, o) }, func(p, o *corev1.Pod) { validateEphemeralContainers(input, p, o) }},
		} {
			p := pod.DeepCopy()
			way.prepare(p, old)
			way.validate(p, old)
		}
	})
}
