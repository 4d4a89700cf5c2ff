package coordination

import (
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"

	"github.com/nave-k8s/nave/kinds"
)

func TestLease(t *testing.T) {
	r := All()[0]
	zero, negative, holder := int32(0), int32(-1), "me"
	strategy := coordinationv1.OldestEmulationVersion
	l := &coordinationv1.Lease{Spec: coordinationv1.LeaseSpec{
		LeaseDurationSeconds: &zero, LeaseTransitions: &negative, Strategy: &strategy, PreferredHolder: &holder,
	}}
	r.Rules.PrepareCreate(kinds.Input{}, l)
	if l.Spec.Strategy != nil || l.Spec.PreferredHolder != nil {
		t.Error("fields of a feature that is off are kept")
	}
	errs := r.Rules.Validate(kinds.Input{}, l)
	want := []string{
		"spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
		"spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
	}
	if len(errs) != len(want) {
		t.Fatalf("%v", errs)
	}
	for i := range want {
		if errs[i].Error() != want[i] {
			t.Errorf("%s, want %s", errs[i], want[i])
		}
	}
}
