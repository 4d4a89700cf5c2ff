package tokenwebhook

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

func TestAuthenticateToken(t *testing.T) {
	asked, now := 0, time.Now()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		var review authenticationv1.TokenReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.APIVersion != "authentication.k8s.io/v1" {
			t.Errorf("asked with %v %v", review, err)
		}
		switch review.Spec.Token {
		case "good":
			review.Status = authenticationv1.TokenReviewStatus{Authenticated: true, User: authenticationv1.UserInfo{Username: "alice"}}
		case "elsewhere":
			review.Status = authenticationv1.TokenReviewStatus{Authenticated: true, Audiences: []string{"vault"}}
		case "bad":
			review.Status.Error = "revoked"
		case "redirect":
			http.Redirect(w, r, "https://example.com/", http.StatusTemporaryRedirect)
			return
		}
		json.NewEncoder(w).Encode(review) //nolint:errcheck // a test
	}))
	defer s.Close()
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: s.URL, CertificateAuthorityData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})}
	config.Contexts["c"] = &clientcmdapi.Context{Cluster: "c"}
	config.CurrentContext = "c"
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	w, err := New(file, "v1", time.Minute, []string{"nave"}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		token, want string
		asked       int
	}{
		{"good", "alice", 1},
		{"good", "alice", 1}, // remembered
		{"elsewhere", "", 2},
		{"unknown", "", 3},
		{"bad", "error revoked", 4},
		{"redirect", "error the token webhook could not be asked: the webhook answered 307", 5},
	} {
		id, err := w.AuthenticateToken(t.Context(), c.token, []string{"nave"})
		got := ""
		switch {
		case err != nil:
			got = "error " + err.Error()
		case id != nil:
			got = id.User.Username
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" || asked != c.asked {
			t.Errorf("%s: got %q, asked %d times", c.token, got, asked)
		}
	}
	now = now.Add(2 * time.Minute)
	if _, err := w.AuthenticateToken(t.Context(), "good", []string{"nave"}); err != nil || asked != 6 {
		t.Errorf("an old answer is still taken: asked %d times, %v", asked, err)
	}
}
