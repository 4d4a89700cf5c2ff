package certificates

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

// request is a real one, of CN=a.
const request = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIS01ISUNBUUF3RURFT01Bd0dBMVVFQXhNRlltOWlZbmt3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQgpCd05DQUFRPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K"

func TestSigningRequest(t *testing.T) {
	kindtest.Run(t, signingRequest(), `{metadata: {name: a}, spec: {signerName: example.com/x, usages: [client auth], request: `+request+`}}`, []kindtest.Case{{
		Name:   "who asks is recorded, and what the server finds wrong is told in order",
		Create: `{spec: {username: other, usages: [], signerName: nodomain}}`,
		Object: `{spec: {username: me}}`,
		Errors: []string{`spec.request: Invalid value: …`, `spec.usages: Required value`, `spec.signerName: Invalid value: "nodomain": must be a fully qualified domain and path of the form 'example.com/signer-name'`},
	}})
}

func TestClusterTrustBundle(t *testing.T) {
	kindtest.Run(t, clusterTrustBundle(), `{metadata: {name: a}, spec: {trustBundle: x}}`, []kindtest.Case{{
		Name: "certificates are needed", Errors: []string{`spec.trustBundle: Invalid value: "<value omitted>": at least one trust anchor must be provided`},
	}})
}
