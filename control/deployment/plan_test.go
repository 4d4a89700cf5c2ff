package deployment

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random operations; 0 for one by the time")

// cluster plays everything around plans: it applies them, makes pods as replica sets do, and lets pods become
// available, or not.
type cluster struct {
	t    *testing.T
	r    *rand.Rand
	now  time.Time
	d    *appsv1.Deployment
	sets []*appsv1.ReplicaSet
	uid  int
	log  []string
}

func newCluster(t *testing.T, seed uint64) *cluster {
	c := &cluster{t: t, r: rand.New(rand.NewPCG(seed, 0)), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	c.d = &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default", UID: "d", Generation: 1}}
	c.d.Spec = appsv1.DeploymentSpec{
		Replicas: new(int32), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		Strategy: appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{
			MaxSurge: ptr(intstr.FromString("25%")), MaxUnavailable: ptr(intstr.FromString("25%")),
		}},
		RevisionHistoryLimit: ptr(int32(2)), ProgressDeadlineSeconds: ptr(int32(600)),
	}
	*c.d.Spec.Replicas = 4
	c.d.Spec.Template.Labels = map[string]string{"app": "web"}
	c.image("v0")
	return c
}

func ptr[T any](v T) *T { return &v }

func (c *cluster) image(v string) {
	c.d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "c", Image: v}}
}

func (c *cluster) note(format string, args ...any) {
	c.log = append(c.log, fmt.Sprintf(format, args...))
}

// look makes a plan and applies it. It reports whether anything changed.
func (c *cluster) look() bool {
	p := makePlan(c.d, c.sets, func(rs *appsv1.ReplicaSet) bool { return rs.Status.Replicas > 0 }, c.now)
	changed := p.changed
	if p.create != nil {
		c.uid++
		made := p.create.DeepCopy()
		made.UID, made.CreationTimestamp, made.Generation = types.UID(fmt.Sprint(c.uid)), metav1.NewTime(c.now), 1
		made.Status.TerminatingReplicas = new(int32)
		for _, rs := range c.sets {
			if rs.Name == made.Name {
				c.t.Fatalf("%s is made twice", rs.Name)
			}
		}
		c.sets = append(c.sets, made)
		c.note("create %s with %d", made.Name, replicas(made))
		changed = true
	}
	for _, u := range p.update {
		at := slices.IndexFunc(c.sets, func(rs *appsv1.ReplicaSet) bool { return rs.Name == u.rs.Name })
		if replicas(c.sets[at]) != replicas(u.rs) {
			c.note("scale %s from %d to %d", u.rs.Name, u.from, replicas(u.rs))
		}
		u.rs.Generation++
		c.sets[at] = u.rs
		changed = true
	}
	for _, gone := range p.remove {
		c.sets = slices.DeleteFunc(c.sets, func(rs *appsv1.ReplicaSet) bool { return rs.Name == gone.Name })
		c.note("remove %s", gone.Name)
		changed = true
	}
	c.d = p.d
	return changed
}

// play lets one replica set do something: make its pods, delete those too many, or a pod become available.
func (c *cluster) play(rs *appsv1.ReplicaSet, all bool) bool {
	rs.Status.ObservedGeneration = rs.Generation
	before := rs.Status
	want := replicas(rs)
	if rs.Status.Replicas != want {
		rs.Status.Replicas = want
		rs.Status.AvailableReplicas = min(rs.Status.AvailableReplicas, want)
	} else if rs.Status.AvailableReplicas < want && rs.Spec.Template.Spec.Containers[0].Image != "bad" {
		rs.Status.AvailableReplicas++
		if all {
			rs.Status.AvailableReplicas = want
		}
	}
	rs.Status.ReadyReplicas = rs.Status.AvailableReplicas
	return before.Replicas != rs.Status.Replicas || before.AvailableReplicas != rs.Status.AvailableReplicas
}

// check holds what must be true at any time.
func (c *cluster) check(floor int32) {
	surge, _ := bounds(c.d)
	if most := *c.d.Spec.Replicas + surge; sum(c.sets, replicas) > max(most, sum(c.sets, actual)) {
		c.t.Fatalf("%d replicas, more than %d\n%s", sum(c.sets, replicas), most, c.history())
	}
	if n := sum(c.sets, available); n < floor {
		c.t.Fatalf("%d are available, fewer than %d\n%s", n, floor, c.history())
	}
}

func (c *cluster) history() string {
	var out string
	for _, l := range c.log {
		out += l + "\n"
	}
	return out
}

// settle runs until nothing changes.
func (c *cluster) settle() {
	for i := 0; ; i++ {
		changed := c.look()
		for _, rs := range c.sets {
			changed = c.play(rs, true) || changed
		}
		if !changed {
			return
		}
		if i == 200 {
			c.t.Fatalf("it does not come to rest\n%s", c.history())
		}
	}
}

// TestRandomRollouts changes images and sizes at random moments of rollouts that go on at random: bounds hold,
// nothing is made twice, and in the end everything is as declared.
func TestRandomRollouts(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	for i := range 60 {
		s := seed + uint64(i)
		c := newCluster(t, s)
		t.Logf("seed %d", s)
		c.settle()
		least := c.d.Spec.Replicas
		for step := range 80 {
			c.now = c.now.Add(time.Second)
			c.note("%d: %d replicas of %s; available %d", step, *c.d.Spec.Replicas, c.d.Spec.Template.Spec.Containers[0].Image, sum(c.sets, available))
			switch n := c.r.IntN(20); {
			case n == 0:
				c.d.Generation++
				c.image(fmt.Sprint("v", c.r.IntN(6)))
			case n == 1:
				c.d.Generation++
				c.image("bad")
			case n < 11:
				c.look()
			case len(c.sets) > 0:
				c.play(c.sets[c.r.IntN(len(c.sets))], false)
			}
			_, unavailable := bounds(c.d)
			c.check(*least - unavailable)
		}
		c.d.Generation++
		*c.d.Spec.Replicas = int32(c.r.IntN(12))
		c.image("final")
		c.settle()
		if !complete(c.d, &c.d.Status) {
			t.Fatalf("not complete: %+v\n%s", c.d.Status, c.history())
		}
		if len(c.sets) > 3 {
			t.Fatalf("%d replica sets are left of 1 + 2", len(c.sets))
		}
	}
}

func TestScaleInTheMiddle(t *testing.T) {
	c := newCluster(t, 1)
	*c.d.Spec.Replicas = 10
	c.d.Spec.Strategy.RollingUpdate = &appsv1.RollingUpdateDeployment{MaxSurge: ptr(intstr.FromInt32(3)), MaxUnavailable: ptr(intstr.FromInt32(2))}
	c.settle()
	c.image("bad")
	c.settle() // 8 old ones stay, 5 new ones never work
	sizes := func() (out []int32) {
		for _, rs := range c.sets {
			out = append(out, replicas(rs))
		}
		return out
	}
	if got := sizes(); !slices.Equal(got, []int32{8, 5}) {
		t.Fatalf("stuck at %v", got)
	}
	*c.d.Spec.Replicas = 15
	c.settle()
	// The documentation of deployments: of 5 more, 3 go to the old version and 2 to the new.
	if got := sizes(); !slices.Equal(got, []int32{11, 7}) {
		t.Errorf("scaled to %v, want [11 7]", got)
	}
}

func TestRevisions(t *testing.T) {
	c := newCluster(t, 1)
	for _, v := range []string{"a", "b", "a"} {
		c.image(v)
		c.settle()
	}
	if c.d.Annotations[revision] != "3" {
		t.Errorf("revision %s", c.d.Annotations[revision])
	}
	for _, rs := range c.sets {
		if rs.Spec.Template.Spec.Containers[0].Image == "a" && (rs.Annotations[revision] != "3" || rs.Annotations[revisionHistory] != "1") {
			t.Errorf("%v", rs.Annotations)
		}
	}
	c.d.Spec.Paused = true
	c.image("c")
	c.settle()
	if len(c.sets) != 2 || condition(&c.d.Status, appsv1.DeploymentProgressing).Reason != reasonPaused {
		t.Errorf("while paused: %d sets, %+v", len(c.sets), c.d.Status.Conditions)
	}
}

func TestDeadline(t *testing.T) {
	c := newCluster(t, 1)
	c.settle()
	c.image("bad")
	c.d.Generation++
	c.settle()
	c.now = c.now.Add(601 * time.Second)
	c.settle()
	if got := condition(&c.d.Status, appsv1.DeploymentProgressing); got.Reason != reasonLate || got.Status != corev1.ConditionFalse {
		t.Errorf("%+v", got)
	}
}
