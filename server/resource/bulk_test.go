package resource

import (
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestCheckBulk(t *testing.T) {
	repeat := strings.Repeat
	for name, tt := range map[string]struct {
		body string
		ok   bool
	}{
		"small":                     {`{"a":{}}`, true},
		"as many as allowed":        {"[" + repeat("{},", maxObjects) + "0]", true},
		"one too many":              {"[" + repeat("{},", maxObjects+1) + "0]", false},
		"as many elements":          {"[" + repeat("1,", maxElements) + "0]", true},
		"one element too many":      {"[" + repeat("1,", maxElements+1) + "0]", false},
		"one member too many":       {"{" + repeat(`"a":1,`, maxElements+1) + `"a":1}`, false},
		"as deep":                   {repeat(`{"a":[`, maxDepth/2) + repeat("]}", maxDepth/2), true},
		"deeper":                    {repeat(`{"a":[`, maxDepth/2) + "[]" + repeat("]}", maxDepth/2), false},
		"deeper than is decoded":    {repeat("[", decoderDepth+1), true},
		"in a text":                 {`{"a":"` + repeat(`\"{},`, maxElements*2) + `"}`, true},
		"behind a text":             {`{"a":"\\","b":[` + repeat("{},", maxObjects) + `0]}`, false},
		"a text that does not end":  {`"` + repeat("{", maxObjects*3), true},
		"a text that ends in a bar": {`"` + repeat("{", maxObjects*3) + `\`, true},
	} {
		if err := checkBulk([]byte(tt.body)); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
		var value any
		if !tt.ok && json.Unmarshal([]byte(tt.body), &value) == nil && !strings.Contains(name, "member") && checkBulkValue(value) == nil {
			t.Errorf("%s is accepted once it is decoded", name)
		}
	}
}

func TestCheckMerge(t *testing.T) {
	list := make([]any, maxMerged)
	if err := checkMerge(map[string]any{"a": []any{map[string]any{"b": list}}}); err != nil {
		t.Error(err)
	}
	if err := checkMerge(map[string]any{"a": []any{map[string]any{"b": append(list, 1)}}}); !apierrors.IsRequestEntityTooLargeError(err) {
		t.Errorf("a long list: %v", err)
	}
}

func TestCheckMessage(t *testing.T) {
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
		if err := checkMessage(message, tt.obj); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
