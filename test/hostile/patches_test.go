package hostile

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestPatches(t *testing.T) {
	s := newTarget(t)
	s.must(t, "POST", configMaps, asJSON, `{"metadata":{"name":"a"},"data":{"k":"`+times(200_000, "v")+`"}}`)
	s.must(t, "POST", "/apis/apps/v1/namespaces/default/deployments", asJSON, `{"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}`)
	const (
		object     = configMaps + "/a"
		deployment = "/apis/apps/v1/namespaces/default/deployments/a"
	)
	patch := func(name, path, contentType, body string, codes ...int) attackRequest {
		if contentType == asApply {
			path += "?fieldManager=hostile&force=true"
		}
		return attackRequest{name: name, method: "PATCH", path: path, contentType: contentType, body: body, codes: codes}
	}
	operations := func(n int, part func(i int) string) string { return "[" + list(n, part) + "]" }
	label := func(i int) string { return fmt.Sprintf(`{"op":"add","path":"/metadata/labels","value":{"i":"%d"}}`, i) }
	run(t, s, []attackRequest{
		patch("ten thousand operations", object, asJSONPatch, operations(10_000, label), 200),
		patch("one more", object, asJSONPatch, operations(10_001, label), 413),
		patch("copies that double", object, asJSONPatch, operations(64, func(i int) string {
			return fmt.Sprintf(`{"op":"copy","from":"/data","path":"/data/x%d"}`, i)
		}), 413, 422, 400),
		patch("many copies", object, asJSONPatch, operations(10_000, func(i int) string {
			return fmt.Sprintf(`{"op":"copy","from":"/data/k","path":"/data/x%d"}`, i)
		}), 413, 422, 400),
		patch("inserts before a long list", object, asJSONPatch, "["+`{"op":"add","path":"/metadata/x","value":[`+list(80_000, func(int) string { return "0" })+`]},`+
			list(5_000, func(int) string { return `{"op":"add","path":"/metadata/x/0","value":0}` })+"]", 200, 413, 422),
		patch("a path of slashes", object, asJSONPatch, `[{"op":"add","path":"`+times(megabyte, "/")+`","value":1}]`, 400, 422),
		patch("a path of tildes", object, asJSONPatch, `[{"op":"add","path":"/`+times(megabyte, "~1~0")[:2*megabyte]+`","value":1}]`, 200),
		patch("an index beyond all", object, asJSONPatch, `[{"op":"add","path":"/metadata/managedFields/99999999999999999999","value":1}]`, 400, 422),
		patch("an index far away", object, asJSONPatch, `[{"op":"add","path":"/metadata/managedFields/2000000000","value":{}}]`, 400, 422),
		patch("a negative index", object, asJSONPatch, `[{"op":"remove","path":"/metadata/managedFields/-9223372036854775808"}]`, 400, 422),
		patch("the whole replaced by nothing", object, asJSONPatch, `[{"op":"replace","path":""}]`, 400, 422),
		patch("the whole removed", object, asJSONPatch, `[{"op":"remove","path":""}]`, 400, 422),
		patch("the whole moved into itself", object, asJSONPatch, `[{"op":"move","from":"","path":"/data/x"}]`, 400, 422),
		patch("no operations but nulls", object, asJSONPatch, operations(10_000, func(int) string { return "null" }), 400, 422),
		patch("a deep value", object, asJSONPatch, `[{"op":"add","path":"/data/x","value":`+times(deep, "[")+times(deep, "]")+`}]`, 400, 422),
		patch("a merge of three megabytes", object, asMerge, `{"data":{"x":"`+times(3*megabyte-100, "x")+`"}}`, 422),
		patch("a merge larger than allowed", object, asMerge, `{"data":{"x":"`+times(3*megabyte, "x")+`"}}`, 413),
		patch("a deep merge", object, asMerge, times(deep, `{"data":`)+"1"+times(deep, "}"), 400, 413),
		patch("a merge deeper than is taken", object, asMerge, times(9_000, `{"data":`)+"{}"+times(9_000, "}"), 400),
		patch("a merge as deep as is taken", object, asMerge, times(1000, `{"data":`)+"1"+times(1000, "}"), 422),
		patch("very many nulls", object, asMerge, `{"data":{`+list(99_000, func(i int) string { return fmt.Sprintf(`"n%d":null`, i) })+`}}`, 200),
		patch("a strategic merge that is deep", deployment, asStrategic, times(deep, `{"spec":`)+"1"+times(deep, "}"), 400, 413),
		patch("containers in plenty", deployment, asStrategic, `{"spec":{"template":{"spec":{"containers":[`+list(49_000, named)+`]}}}}`, 413),
		patch("as many containers as are merged", deployment, asStrategic, `{"spec":{"template":{"spec":{"containers":[`+list(5_000, named)+`]}}}}`, 422),
		patch("deletions in plenty", deployment, asStrategic, `{"spec":{"template":{"spec":{"containers":[`+list(5_000, func(i int) string { return fmt.Sprintf(`{"name":"a%d","$patch":"delete"}`, i) })+`]}}}}`, 200),
		patch("an order in plenty", deployment, asStrategic, `{"spec":{"template":{"spec":{"containers":[{"name":"c"}],"$setElementOrder/containers":[`+list(5_000, named)+`]}}}}`, 200, 422, 500),
		patch("an order of what is no list", deployment, asStrategic, `{"spec":{"$setElementOrder/template":[1,2]}}`, 400, 422, 500),
		patch("an order of an atomic list", deployment, asStrategic, `{"spec":{"template":{"spec":{"tolerations":[{}],"$setElementOrder/tolerations":[{}]}}}}`, 400, 422),
		patch("keys to retain that are none", deployment, asStrategic, `{"spec":{"$retainKeys":[1,{},null]}}`, 400, 422, 500),
		patch("a directive that is none", deployment, asStrategic, `{"$patch":{"a":"b"}}`, 400, 422, 500),
		patch("directives everywhere", deployment, asStrategic, times(400, `{"spec":{"$patch":"merge","template":`)+"{}"+times(400, "}}"), 400, 422, 500),
		patch("primitives to delete in plenty", object, asStrategic, `{"metadata":{"$deleteFromPrimitiveList/finalizers":[`+list(5_000, func(i int) string { return fmt.Sprintf(`"f%d"`, i) })+`]}}`, 200, 422),
		patch("a quantity that takes forever", deployment, asJSONPatch, `[{"op":"add","path":"/spec/template/spec/containers/0/resources","value":{"limits":{"cpu":"1E-2147483647"}}}]`, 422),
		patch("the same, merged", deployment, asMerge, `{"spec":{"template":{"spec":{"overhead":{"cpu":"1E-2147483647"}}}}}`, 422),
		patch("the same, merged strategically", deployment, asStrategic, `{"spec":{"template":{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1\u0045-2147483647"}}}]}}}}`, 422),
		patch("the same, applied", deployment, asApply, "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {overhead: {cpu: \"1E\\x2d2147483647\"}}}}\n", 400),
		patch("apply: an alias bomb", object, asApply, "apiVersion: v1\nkind: ConfigMap\na: &a "+times(100_000, "x")+"\nb: ["+list(200_000, func(int) string { return "*a" })+"]\n", 413),
		patch("apply: deep", object, asApply, times(deep, "{a: "), 400),
		patch("apply: one key again and again", object, asApply, "apiVersion: v1\nkind: ConfigMap\ndata:\n"+times(50_000, "  a: b\n"), 200, 400),
		patch("apply: a list with one key again and again", deployment, asApply, `{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":[`+list(20_000, func(int) string { return `{"name":"a"}` })+`]}}}}`, 400, 422, 500),
		patch("apply: containers in plenty", deployment, asApply, `{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":[`+list(20_000, named)+`]}}}}`, 422),
		patch("apply: a key of a megabyte", object, asApply, `{"apiVersion":"v1","kind":"ConfigMap","data":{"`+times(megabyte, "k")+`":"v"}}`, 400, 422, 413),
		patch("apply: very many keys", object, asApply, `{"apiVersion":"v1","kind":"ConfigMap","data":{`+list(40_000, func(i int) string { return fmt.Sprintf(`"a%d":"b"`, i) })+`}}`, 200, 422, 500),
		patch("apply: a long list in lines", deployment, asApply, "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"+times(150_000, "      - name: a\n"), 413),
		patch("apply: no keys", deployment, asApply, `{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":[{},{"name":null},{"name":{}},null,5]}}}}`, 400, 422, 500),
	})
	if a, err := s.send(context.Background(), "GET", object, "", nil); err != nil || a.code != 200 || !strings.Contains(string(a.body), `"name":"a"`) {
		t.Errorf("what was patched cannot be read: %v %d", err, a.code)
	}
}

func TestSelectors(t *testing.T) {
	s := newTarget(t)
	get := func(name, query string, codes ...int) attackRequest {
		return attackRequest{name: name, method: "GET", path: pods + "?" + query, codes: codes}
	}
	const most = 900_000 // what fits into the head of a request
	run(t, s, []attackRequest{
		get("very many requirements", "labelSelector="+times(most/2, "a,"), 200, 400),
		get("very many values", "labelSelector=a+in+("+times(most/2, "b,")+"c)", 200, 400),
		get("very many parentheses", "labelSelector="+times(most, "("), 400),
		get("one long label", "labelSelector="+times(most, "a"), 400),
		get("not not", "labelSelector="+times(most, "!"), 400),
		get("very many fields", "fieldSelector="+strings.TrimSuffix(times(most/16, "metadata.name=a,"), ","), 200, 400),
		get("fields that nobody knows", "fieldSelector="+times(most/4, "a=b,"), 400),
		get("backslashes", "fieldSelector=metadata.name="+times(most, `%5C`)[:most], 200, 400),
		get("a token of nearly a megabyte", "limit=1&continue="+times(most, "A"), 400),
		get("a token that is none", "limit=1&continue=%00%ff", 400),
		get("a token that climbs", "limit=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIuLi8uLi9zZWNyZXRzLyJ9", 400),
		get("a version beyond all", "resourceVersion=99999999999999999999", 400, 500),
		get("a version of the future", "resourceVersion=9223372036854775807", 504, 400, 500),
		get("a limit beyond all", "limit=99999999999999999999", 400),
		get("a negative limit", "limit=-9223372036854775808", 200, 400),
		get("very many parameters", strings.TrimSuffix(times(most/4, "a=b&"), "&"), 200),
		get("parameters that cannot be read", times(most/4, "%zz&"), 200),
	})
}
