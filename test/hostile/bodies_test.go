package hostile

import (
	"fmt"
	"strings"
	"testing"
)

const (
	configMaps  = "/api/v1/namespaces/default/configmaps"
	pods        = "/api/v1/namespaces/default/pods"
	definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	deep        = 100_000
	megabyte    = 1 << 20
)

func TestJSON(t *testing.T) {
	s := newTarget(t)
	post := func(name, path, body string, codes ...int) attackRequest {
		return attackRequest{name: name, method: "POST", path: path, contentType: asJSON, body: body, codes: codes}
	}
	run(t, s, []attackRequest{
		post("deep lists", configMaps, times(deep, "[")+times(deep, "]"), 400),
		post("deep objects", configMaps, times(deep, `{"a":`)+"1"+times(deep, "}"), 400),
		post("deep and never closed", configMaps, times(3*megabyte/5, `{"a":`), 400),
		post("deep in an unknown field", configMaps, `{"metadata":{"name":"deep"},"x":`+times(deep, "[")+times(deep, "]")+`}`, 400),
		post("deep schema", definitions, `{"metadata":{"name":"ws.example.com"},"spec":{"versions":[{"schema":{"openAPIV3Schema":`+times(deep, `{"not":`)+"{}"+times(deep, "}")+`}}]}}`, 400),
		post("hundreds of schemas deep", definitions, `{"metadata":{"name":"ws.example.com"},"spec":{"group":"example.com","scope":"Cluster","names":{"plural":"ws","kind":"W"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":`+times(900, `{"type":"array","items":`)+`{"type":"string"}`+times(900, "}")+`}}]}}`, 201, 400, 422, 500),
		post("larger than allowed", configMaps, `{"metadata":{"name":"big"},"data":{"a":"`+times(3*megabyte, "x")+`"}}`, 413),
		post("a value larger than allowed", configMaps, `{"metadata":{"name":"big"},"data":{"a":"`+times(2*megabyte, "x")+`"}}`, 422),
		post("very many keys", configMaps, `{"metadata":{"name":"keys"},"data":{`+list(200_000, func(i int) string { return fmt.Sprintf(`"%d":""`, i) })+`}}`, 413),
		post("as many keys as are read", configMaps, `{"metadata":{"name":"keys"},"data":{`+list(99_900, func(i int) string { return fmt.Sprintf(`"%d":""`, i) })+`}}`, 201, 500),
		post("very many unknown fields", configMaps, `{"metadata":{"name":"unknown"},`+list(200_000, func(i int) string { return fmt.Sprintf(`"x%d":1`, i) })+`}`, 413),
		post("as many unknown fields as are read", configMaps, `{"metadata":{"name":"unknown"},`+list(99_900, func(i int) string { return fmt.Sprintf(`"x%d":1`, i) })+`}`, 201),
		post("very many bad keys", configMaps, `{"metadata":{"name":"bad"},"data":{`+list(99_900, func(i int) string { return fmt.Sprintf(`"%d/":""`, i) })+`}}`, 422),
		post("one key doubled again and again", configMaps, `{"metadata":{"name":"doubled"},"data":{`+list(99_900, func(int) string { return `"a":"b"` })+`}}`, 201),
		post("a number of a megabyte", configMaps, `{"metadata":{"name":"number","generation":1`+times(megabyte, "0")+`}}`, 400),
		post("a great exponent", configMaps, `{"metadata":{"name":"number","generation":1e999999999}}`, 400),
		post("a great quantity", pods, `{"metadata":{"name":"q"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1e999999999","memory":"`+times(megabyte, "9")+`"}}}]}}`, 400),
		post("quantities that take forever to compare", pods, `{"metadata":{"name":"e"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"2E345678902"},"requests":{"cpu":"1E345678901"}}}]}}`, 400),
		post("a small quantity that takes forever to round", pods, `{"metadata":{"name":"e"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1E-2147483647"}}}]}}`, 400),
		post("invalid UTF-8", configMaps, "{\"metadata\":{\"name\":\"utf\xff\xfe\"}}", 400, 422),
		post("very many containers", pods, `{"metadata":{"name":"many"},"spec":{"containers":[`+list(100_000, named)+`]}}`, 413),
		post("as many containers as are read", pods, `{"metadata":{"name":"many"},"spec":{"containers":[`+list(49_990, func(i int) string { return fmt.Sprintf(`{"name":"a%d","image":"i"}`, i) })+`]}}`, 422, 500),
		post("containers of one name", pods, `{"metadata":{"name":"many"},"spec":{"containers":[`+list(100_000, func(int) string { return `{"name":"a","image":"b"}` })+`]}}`, 413),
		post("as many of one name as are read", pods, `{"metadata":{"name":"many"},"spec":{"containers":[`+list(49_990, func(int) string { return `{"name":"a","image":"b"}` })+`]}}`, 422),
		post("very many variables", pods, `{"metadata":{"name":"many"},"spec":{"containers":[{"name":"c","image":"i","env":[`+list(100_000, func(i int) string { return fmt.Sprintf(`{"name":"A%d"}`, i) })+`]}]}}`, 413),
		post("very many small objects", pods, `{"metadata":{"name":"many"},"spec":{"containers":[`+list(megabyte, func(int) string { return "{}" })[:3*megabyte-200]+`]}}`, 400, 413),
		post("very many owners", configMaps, `{"metadata":{"name":"owners","ownerReferences":[`+list(20_000, func(i int) string {
			return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","name":"a","uid":"%d"}`, i)
		})+`]}}`, 201, 422, 500),
		post("very many finalizers", configMaps, `{"metadata":{"name":"finalizers","finalizers":[`+list(99_000, func(i int) string { return fmt.Sprintf(`"a/b%d"`, i) })+`]}}`, 201, 422, 500),
		post("deep managed fields", configMaps, `{"metadata":{"name":"managed","managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":`+times(9000, `{"f:a":`)+"{}"+times(9000, "}")+`}]}}`, 400),
		post("many managers", configMaps, `{"metadata":{"name":"managers","managedFields":[`+list(1001, func(i int) string {
			return fmt.Sprintf(`{"manager":"m%d","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:%d":{}}}}`, i, i)
		})+`]}}`, 422),
		post("as many managers as are read", configMaps, `{"metadata":{"name":"managers","managedFields":[`+list(1000, func(i int) string {
			return fmt.Sprintf(`{"manager":"m%d","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:%d":{}}}}`, i, i)
		})+`]}}`, 201),
	})
}

func TestYAML(t *testing.T) {
	s := newTarget(t)
	post := func(name, body string, codes ...int) attackRequest {
		return attackRequest{name: name, method: "POST", path: configMaps, contentType: asYAML, body: body, codes: codes}
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := byte('b'); c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(times(9, fmt.Sprintf("*%c,", c-1)), ","))
	}
	merges := "a: &a {k0: v}\n"
	for c := byte('b'); c <= 'z'; c++ {
		merges += fmt.Sprintf("%c: &%c {<<: [%s], k%c: v}\n", c, c, strings.TrimSuffix(times(9, fmt.Sprintf("*%c,", c-1)), ","), c)
	}
	run(t, s, []attackRequest{
		post("deep flow lists", times(deep, "[")+times(deep, "]"), 400),
		post("deep flow maps", times(deep, "{a: ")+times(deep, "}"), 400),
		post("never closed", times(3*megabyte-1, "["), 400),
		post("never closed maps", times(3*megabyte-1, "{"), 400),
		post("deep lists in one line", times(deep, "- ")+"a", 400),
		post("deep keys in one line", times(deep, "? ")+"a", 400),
		post("deep maps", func() string {
			var b strings.Builder
			for i := range 2000 {
				b.WriteString(times(i, " ") + "a:\n")
			}
			return b.String()
		}(), 400, 201, 422),
		post("aliases that multiply", bomb, 400),
		post("merges that multiply", merges, 400),
		post("one large anchor, many aliases", "a: &a "+times(megabyte, "x")+"\nb: ["+list(200_000, func(int) string { return "*a" })+"]\n", 413),
		post("very many small maps", "metadata: {name: small}\nx: ["+times(megabyte, "{},")[:3*megabyte-100]+"]\n", 400, 413),
		post("an alias of itself", "a: &a [*a]\n", 400),
		post("an alias of nothing", "a: *b\n", 400),
		post("very many anchors", "metadata: {name: anchors}\ndata:\n"+strings.ReplaceAll(list(100_000, func(i int) string { return fmt.Sprintf("  k%d: &a%d x\n", i, i) }), ",", ""), 500),
		post("one key doubled again and again", "metadata: {name: doubled}\ndata:\n"+times(200_000, "  a: b\n"), 201),
		post("a comment of megabytes", "metadata: {name: comment}\n#"+times(2*megabyte, "x")+"\n", 201),
		post("very many documents", times(500_000, "---\n"), 422),
		post("a number that is no number", "metadata: {name: n, generation: .nan}\n", 400),
		post("binary", "metadata: {name: b}\ndata: {a: !!binary "+times(megabyte, "AAAA")[:megabyte]+"}\n", 201, 400, 422),
		post("tags", "metadata: !!python/object:os.system {name: x}\n", 400, 201),
		post("numbers of a megabyte", "metadata: {name: n, generation: "+times(megabyte, "9")+"}\n", 400),
		post("a sexagesimal", "metadata: {name: n, generation: 1"+times(200_000, ":59")+"}\n", 400),
		post("tabs and colons", times(megabyte, ":\t"), 400),
		post("a long key", "? "+times(megabyte, "x")+"\n: y\n", 422),
		post("nothing but quotes", times(megabyte, `'`), 400),
		post("nothing but newlines", times(2*megabyte, "\n"), 422),
		post("utf-16", "\xff\xfe"+times(megabyte, "a\x00"), 400),
	})
}
