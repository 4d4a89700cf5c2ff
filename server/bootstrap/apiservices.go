package bootstrap

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// apiServices makes the APIService of each group version that the server serves itself: rows of name, group
// priority and version priority.
func apiServices(rows [][]any) (tasks []task, err error) {
	for _, row := range rows {
		if len(row) != 3 {
			return nil, fmt.Errorf("objects.yaml: an API service has name, priority and priority; this one is %v", row)
		}
		name, _ := row[0].(string)
		group, _ := row[1].(float64)
		version, _ := row[2].(float64)
		v, g, _ := strings.Cut(name, ".")
		service := &apiregistrationv1.APIService{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kube-aggregator.kubernetes.io/automanaged": "onstart"}},
			Spec: apiregistrationv1.APIServiceSpec{
				Group: g, Version: v, GroupPriorityMinimum: int32(group), VersionPriority: int32(version),
			},
			Status: apiregistrationv1.APIServiceStatus{Conditions: []apiregistrationv1.APIServiceCondition{{
				Type: apiregistrationv1.Available, Status: apiregistrationv1.ConditionTrue, Reason: "Local",
				Message: "Local APIServices are always available", LastTransitionTime: metav1.Now(),
			}}},
		}
		tasks = append(tasks, create("apiregistration.k8s.io", "apiservices", service))
	}
	return tasks, nil
}
