package resource

import resourcev1 "k8s.io/api/resource/v1"

// claimState says in a word or two how far a claim has come.
func claimState(obj *resourcev1.ResourceClaim) string {
	state := "pending"
	if obj.Status.Allocation != nil {
		state = "allocated"
		if len(obj.Status.ReservedFor) > 0 {
			state += ",reserved"
		}
	}
	if obj.DeletionTimestamp != nil {
		state = "deleted," + state
	}
	return state
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
