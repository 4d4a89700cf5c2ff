package config

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/request"
)

// testHook is a webhook that allows alice, refuses bob and has no opinion on others; carol makes it fail.
func testHook(t *testing.T, asked *[]authorizationv1.SubjectAccessReviewSpec) (kubeconfig string) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review authorizationv1.SubjectAccessReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.APIVersion != "authorization.k8s.io/v1" {
			t.Errorf("asked with %v %v", review, err)
		}
		*asked = append(*asked, review.Spec)
		if review.Spec.User == "carol" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		review.Status.Allowed, review.Status.Denied = review.Spec.User == "alice", review.Spec.User == "bob"
		review.Status.Reason = "because"
		json.NewEncoder(w).Encode(review) //nolint:errcheck // a test
	}))
	t.Cleanup(s.Close)
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: s.URL + "/authorize", CertificateAuthorityData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})}
	config.Contexts["c"] = &clientcmdapi.Context{Cluster: "c"}
	config.CurrentContext = "c"
	kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, kubeconfig); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

func maker(typ string) (authz.Authorizer, error) {
	switch typ {
	case "AlwaysAllow":
		return authz.AlwaysAllow{}, nil
	case "AlwaysDeny":
		return authz.AlwaysDeny{}, nil
	}
	return nil, errors.New("no such type")
}

func TestFollow(t *testing.T) {
	var asked []authorizationv1.SubjectAccessReviewSpec
	hook := testHook(t, &asked)
	name := filepath.Join(t.TempDir(), "authz.yaml")
	write := func(authorizers string) {
		text := "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n" + authorizers
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	webhook := func(more string) string {
		return fmt.Sprintf("- {type: Webhook, name: hook, webhook: {timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, connectionInfo: {type: KubeConfigFile, kubeConfigFile: %s}%s}}\n", hook, more)
	}
	write(webhook(`, matchConditionSubjectAccessReviewVersion: v1, matchConditions: [{expression: "has(request.resourceAttributes) && request.resourceAttributes.resource != 'leases'"}]`) + "- {type: AlwaysDeny, name: last}\n")
	var failure error
	a, err := Follow(name, authz.Union{{Authorizer: authz.Masters{}}}, maker, time.Now, func(err error) { failure = err })
	if err != nil {
		t.Fatal(err)
	}
	ask := func(user, plural string) string {
		d, reason, err := a.Authorize(context.Background(), request.Attributes{
			User: authenticationv1.UserInfo{Username: user, Groups: []string{user + "s"}}, Verb: "list", Resource: plural != "", Plural: plural, Path: "/x", FieldText: "spec.nodeName=n",
		})
		return fmt.Sprint(d, " ", reason, " ", err != nil)
	}
	for _, c := range []struct{ user, plural, want string }{
		{"alice", "pods", "1 because false"},
		{"alice", "pods", "1 because false"}, // from the cache
		{"bob", "pods", "2 because false"},
		{"eve", "pods", "0 hook: because\nlast: Everything is forbidden. false"},
		{"alice", "leases", "0 last: Everything is forbidden. false"},
		{"alice", "", "0 last: Everything is forbidden. false"},
		{"carol", "pods", "2  true"},
	} {
		if got := ask(c.user, c.plural); got != c.want {
			t.Errorf("%s %s: got %q", c.user, c.plural, got)
		}
	}
	if len(asked) != 4 || asked[0].Groups[0] != "alices" || asked[0].ResourceAttributes.FieldSelector.Requirements[0].Key != "spec.nodeName" {
		t.Errorf("the webhook was asked %+v", asked)
	}
	write("- {type: Nonsense, name: x}\n")
	a.Again()
	if ask("alice", "pods") != "1 because false" || failure == nil || !strings.Contains(failure.Error(), "authorizers[0]: no such type") {
		t.Errorf("a wrong file: %v", failure)
	}
	write("- {type: AlwaysAllow, name: x}\n")
	a.Again()
	if got := ask("eve", "pods"); got != "1  false" {
		t.Errorf("a new file: %s", got)
	}
	for text, want := range map[string]string{
		"- {type: AlwaysAllow, name: x}\n- {type: AlwaysAllow, name: x}\n":                                         "may be there only once",
		webhook(", matchConditions: [{expression: 'true'}]"):                                                       "it must be v1 where there are matchConditions",
		webhook(", matchConditionSubjectAccessReviewVersion: v1, matchConditions: [{expression: 'request.user'}]"): "matchConditions[0].expression: must evaluate to bool",
		strings.Replace(webhook(""), "Deny", "Maybe", 1):                                                           `failurePolicy: "Maybe" is not supported`,
	} {
		write(text)
		if _, err := Follow(name, nil, maker, time.Now, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
