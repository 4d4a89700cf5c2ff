package flowcontrol

import flowcontrolv1 "k8s.io/api/flowcontrol/v1"

// mandatorySchema is the spec that the schema of that name must have, nil if it is free.
func mandatorySchema(name string) *flowcontrolv1.FlowSchemaSpec {
	switch name {
	case flowcontrolv1.FlowSchemaNameExempt:
		return schemaForAll(flowcontrolv1.FlowSchemaSpec{
			PriorityLevelConfiguration: flowcontrolv1.PriorityLevelConfigurationReference{Name: flowcontrolv1.PriorityLevelConfigurationNameExempt},
			MatchingPrecedence:         1,
		}, "system:masters")
	case flowcontrolv1.FlowSchemaNameCatchAll:
		return schemaForAll(flowcontrolv1.FlowSchemaSpec{
			PriorityLevelConfiguration: flowcontrolv1.PriorityLevelConfigurationReference{Name: flowcontrolv1.PriorityLevelConfigurationNameCatchAll},
			MatchingPrecedence:         flowcontrolv1.FlowSchemaMaxMatchingPrecedence,
			DistinguisherMethod:        &flowcontrolv1.FlowDistinguisherMethod{Type: flowcontrolv1.FlowDistinguisherMethodByUserType},
		}, "system:unauthenticated", "system:authenticated")
	}
	return nil
}

// schemaForAll adds a rule that matches every request of the groups.
func schemaForAll(spec flowcontrolv1.FlowSchemaSpec, groups ...string) *flowcontrolv1.FlowSchemaSpec {
	everything := []string{all}
	rule := flowcontrolv1.PolicyRulesWithSubjects{
		ResourceRules: []flowcontrolv1.ResourcePolicyRule{{
			Verbs: everything, APIGroups: everything, Resources: everything, ClusterScope: true, Namespaces: everything,
		}},
		NonResourceRules: []flowcontrolv1.NonResourcePolicyRule{{Verbs: everything, NonResourceURLs: everything}},
	}
	for _, g := range groups {
		rule.Subjects = append(rule.Subjects, flowcontrolv1.Subject{Kind: flowcontrolv1.SubjectKindGroup, Group: &flowcontrolv1.GroupSubject{Name: g}})
	}
	spec.Rules = []flowcontrolv1.PolicyRulesWithSubjects{rule}
	return &spec
}

// mandatoryLevel is the spec that the priority level of that name must have, nil if it is free. Of exempt
// the part that says how much it lends may differ.
func mandatoryLevel(name string) *flowcontrolv1.PriorityLevelConfigurationSpec {
	number := func(n int32) *int32 { return &n }
	switch name {
	case flowcontrolv1.PriorityLevelConfigurationNameExempt:
		return &flowcontrolv1.PriorityLevelConfigurationSpec{
			Type:   flowcontrolv1.PriorityLevelEnablementExempt,
			Exempt: &flowcontrolv1.ExemptPriorityLevelConfiguration{NominalConcurrencyShares: number(0), LendablePercent: number(0)},
		}
	case flowcontrolv1.PriorityLevelConfigurationNameCatchAll:
		return &flowcontrolv1.PriorityLevelConfigurationSpec{
			Type: flowcontrolv1.PriorityLevelEnablementLimited,
			Limited: &flowcontrolv1.LimitedPriorityLevelConfiguration{
				NominalConcurrencyShares: number(5),
				LimitResponse:            flowcontrolv1.LimitResponse{Type: flowcontrolv1.LimitResponseTypeReject},
				LendablePercent:          number(0),
			},
		}
	}
	return nil
}
