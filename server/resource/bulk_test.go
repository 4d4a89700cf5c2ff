package resource

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestCheckBulk(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		ok   bool
	}{
		"small":                      {`{"a":{}}`, true},
		"as many as allowed":         {"[" + strings.Repeat("{},", maxObjects) + "0]", true},
		"one too many":               {"[" + strings.Repeat("{},", maxObjects+1) + "0]", false},
		"as many members as allowed": {"{" + strings.Repeat(`"a":1,`, maxMembers) + "}", true},
		"one member too many":        {"{" + strings.Repeat(`"a":1,`, maxMembers+1) + "}", false},
		"in a text":                  {`{"a":"` + strings.Repeat(`\"{}`, maxObjects*2) + `"}`, true},
		"behind a text":              {`{"a":"\\","b":[` + strings.Repeat("{},", maxObjects) + `0]}`, false},
		"a text that never end":      {`"` + strings.Repeat("{", maxObjects*3), true},
	} {
		if err := checkBulk([]byte(tt.body)); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckBulkMessage(t *testing.T) {
	many := maxObjects
	for name, tt := range map[string]struct {
		obj runtime.Object
		ok  bool
	}{
		"few, large":      {&corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Image: strings.Repeat("\x12\x00", many)}}}}, true},
		"many containers": {&corev1.Pod{Spec: corev1.PodSpec{Containers: make([]corev1.Container, many)}}, false},
		"a large text":    {&corev1.ConfigMap{Data: map[string]string{"a": strings.Repeat("\x12\x00", 3*many)}}, true},
		"many values": {&apiextensionsv1.CustomResourceDefinition{Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Schema: &apiextensionsv1.CustomResourceValidation{
				OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{AllOf: make([]apiextensionsv1.JSONSchemaProps, many)},
			}}},
		}}, false},
	} {
		message, err := marshal(tt.obj)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkBulkMessage(message, tt.obj); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
