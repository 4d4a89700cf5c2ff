package apiregistration

import (
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

func serviceCell(obj *apiregistrationv1.APIService) string {
	if obj.Spec.Service == nil {
		return "Local"
	}
	return obj.Spec.Service.Namespace + "/" + obj.Spec.Service.Name
}

func availableCell(obj *apiregistrationv1.APIService) string {
	for _, c := range obj.Status.Conditions {
		if c.Type != apiregistrationv1.Available {
			continue
		}
		if c.Status == apiregistrationv1.ConditionTrue {
			return string(c.Status)
		}
		return string(c.Status) + " (" + c.Reason + ")"
	}
	return "Unknown"
}
