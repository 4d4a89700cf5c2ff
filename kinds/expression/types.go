package expression

import apiservercel "k8s.io/apiserver/pkg/cel"

// object makes a type of fields; those whose name ends in "?" may be absent.
func object(name string, fields map[string]*apiservercel.DeclType) *apiservercel.DeclType {
	declared := make(map[string]*apiservercel.DeclField, len(fields))
	for field, t := range fields {
		required := true
		if field[len(field)-1] == '?' {
			field, required = field[:len(field)-1], false
		}
		declared[field] = apiservercel.NewDeclField(field, t, required, nil, nil)
	}
	return apiservercel.NewObjectType(name, declared)
}

func list(of *apiservercel.DeclType) *apiservercel.DeclType { return apiservercel.NewListType(of, -1) }

func mapOf(of *apiservercel.DeclType) *apiservercel.DeclType {
	return apiservercel.NewMapType(apiservercel.StringType, of, -1)
}

// requestType is what an expression of a policy sees as request.
func requestType() *apiservercel.DeclType {
	text := apiservercel.StringType
	kind := object("kubernetes.GroupVersionKind", map[string]*apiservercel.DeclType{"group": text, "version": text, "kind": text})
	resource := object("kubernetes.GroupVersionResource", map[string]*apiservercel.DeclType{"group": text, "version": text, "resource": text})
	return object("kubernetes.AdmissionRequest", map[string]*apiservercel.DeclType{
		"kind": kind, "resource": resource, "subResource?": text,
		"requestKind": kind, "requestResource": resource, "requestSubResource?": text,
		"name": text, "namespace?": text, "operation": text,
		"userInfo": object("kubernetes.UserInfo", map[string]*apiservercel.DeclType{
			"username?": text, "uid?": text, "groups?": list(text), "extra?": mapOf(list(text)),
		}),
		"dryRun?": apiservercel.BoolType, "options?": apiservercel.DynType,
	})
}

// namespaceType is what an expression of a policy sees as namespaceObject.
func namespaceType() *apiservercel.DeclType {
	text, when, number := apiservercel.StringType, apiservercel.TimestampType, apiservercel.IntType
	return object("kubernetes.Namespace", map[string]*apiservercel.DeclType{
		"metadata": object("kubernetes.NamespaceMetadata", map[string]*apiservercel.DeclType{
			"name": text, "generateName": text, "namespace": text, "labels": mapOf(text), "annotations": mapOf(text),
			"UID": text, "creationTimestamp": when, "deletionGracePeriodSeconds": number, "deletionTimestamp": when,
			"generation": number, "resourceVersion": text, "finalizers": list(text),
		}),
		"spec": object("kubernetes.NamespaceSpec", map[string]*apiservercel.DeclType{"finalizers": list(text)}),
		"status": object("kubernetes.NamespaceStatus", map[string]*apiservercel.DeclType{
			"conditions": list(object("kubernetes.NamespaceCondition", map[string]*apiservercel.DeclType{
				"status": text, "type": text, "lastTransitionTime": when, "message": text, "reason": text,
			})),
			"phase": text,
		}),
	})
}
