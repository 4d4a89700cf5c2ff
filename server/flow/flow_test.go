package flow

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/server/request"
)

func testLevel(name string, shares int32, queues, hand, length int32) *flowcontrolv1.PriorityLevelConfiguration {
	l := &flowcontrolv1.LimitedPriorityLevelConfiguration{NominalConcurrencyShares: &shares, LimitResponse: flowcontrolv1.LimitResponse{Type: flowcontrolv1.LimitResponseTypeReject}}
	if queues > 0 {
		l.LimitResponse = flowcontrolv1.LimitResponse{Type: flowcontrolv1.LimitResponseTypeQueue, Queuing: &flowcontrolv1.QueuingConfiguration{Queues: queues, HandSize: hand, QueueLengthLimit: length}}
	}
	return &flowcontrolv1.PriorityLevelConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("level-" + name)},
		Spec:       flowcontrolv1.PriorityLevelConfigurationSpec{Type: flowcontrolv1.PriorityLevelEnablementLimited, Limited: l},
	}
}

func testSchema(name, level string, precedence int32, verbs, resources []string) *flowcontrolv1.FlowSchema {
	all := []string{"*"}
	return &flowcontrolv1.FlowSchema{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("schema-" + name)},
		Spec: flowcontrolv1.FlowSchemaSpec{
			MatchingPrecedence: precedence, PriorityLevelConfiguration: flowcontrolv1.PriorityLevelConfigurationReference{Name: level},
			DistinguisherMethod: &flowcontrolv1.FlowDistinguisherMethod{Type: flowcontrolv1.FlowDistinguisherMethodByUserType},
			Rules: []flowcontrolv1.PolicyRulesWithSubjects{{
				Subjects:         []flowcontrolv1.Subject{{Kind: "Group", Group: &flowcontrolv1.GroupSubject{Name: "system:authenticated"}}},
				ResourceRules:    []flowcontrolv1.ResourcePolicyRule{{Verbs: verbs, APIGroups: all, Resources: resources, ClusterScope: true, Namespaces: all}},
				NonResourceRules: []flowcontrolv1.NonResourcePolicyRule{{Verbs: all, NonResourceURLs: []string{"/apis"}}},
			}},
		},
	}
}

func newTest(seats int, wait time.Duration, levels ...*flowcontrolv1.PriorityLevelConfiguration) *Fair {
	f := NewFair(Config{Seats: seats, Wait: wait, Now: time.Now})
	for _, l := range levels {
		f.Apply(l, false)
	}
	return f
}

func ask(ctx context.Context, user, verb, resource string) *request.Request {
	return &request.Request{
		HTTP: (&http.Request{Header: http.Header{}}).WithContext(ctx), IsResource: resource != "", Verb: verb, Resource: resource, Namespace: "ns", Path: "/apis/apps",
		User: authenticationv1.UserInfo{Username: user, Groups: []string{"system:authenticated"}},
	}
}

func TestClassify(t *testing.T) {
	f := newTest(100, time.Second, testLevel("high", 10, 8, 2, 10), testLevel("low", 10, 8, 2, 10))
	f.Apply(testSchema("pods", "high", 10, []string{"*"}, []string{"pods"}), false)
	f.Apply(testSchema("reads", "low", 20, []string{"get", "list"}, []string{"*"}), false)
	f.Apply(testSchema("dangling", "nothing", 5, []string{"*"}, []string{"*"}), false)
	for _, c := range []struct{ user, verb, resource, want string }{
		{"a", "create", "pods", "pods/high"},
		{"a", "get", "secrets", "reads/low"},
		{"a", "delete", "secrets", "catch-all/catch-all"},
		{"a", "get", "", "pods/high"}, // the path is below /apis
		{"root", "delete", "pods", "exempt/exempt"},
	} {
		r := ask(t.Context(), c.user, c.verb, c.resource)
		if c.user == "root" {
			r.User.Groups = append(r.User.Groups, "system:masters")
		}
		w := httptest.NewRecorder()
		if done, err := f.Run(w, r); done || err != nil {
			t.Errorf("%+v: %v %v", c, done, err)
		}
		s := f.plan.Load().classify(r)
		if got := s.name + "/" + s.level.name; got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
		if c.want == "pods/high" && (w.Header().Get("X-Kubernetes-PF-FlowSchema-UID") != "schema-pods" || w.Header().Get("X-Kubernetes-PF-PriorityLevel-UID") != "level-high") {
			t.Errorf("%+v: headers %v", c, w.Header())
		}
		r.End()
	}
	for _, l := range f.State() {
		if l.InUse != 0 {
			t.Errorf("level %s still has %d seats in use", l.Name, l.InUse)
		}
	}
}

func TestRejections(t *testing.T) {
	f := newTest(20, 30*time.Millisecond, testLevel("q", 1, 1, 1, 1), testLevel("r", 1, 0, 0, 0))
	f.Apply(testSchema("queued", "q", 10, []string{"get"}, []string{"*"}), false)
	f.Apply(testSchema("rejected", "r", 20, []string{"*"}, []string{"*"}), false)
	run := func(verb string) (*request.Request, bool) {
		r, w := ask(t.Context(), "a", verb, "pods"), httptest.NewRecorder()
		done, err := f.Run(w, r)
		if err != nil {
			t.Fatal(err)
		}
		if done && (w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1") {
			t.Errorf("refused with %d and %v", w.Code, w.Header())
		}
		return r, done
	}
	for _, verb := range []string{"get", "create"} {
		var held []*request.Request
		for {
			r, refused := run(verb)
			if refused {
				break
			}
			held = append(held, r)
		}
		if len(held) != 3 { // 20 seats over shares of 5, 1 and 1
			t.Errorf("%s: %d served at once", verb, len(held))
		}
		held[0].End()
		if r, refused := run(verb); refused {
			t.Errorf("%s: a free seat is not given", verb)
		} else {
			r.End()
		}
		for _, r := range held[1:] {
			r.End()
		}
	}
}

// TestElephantAndMouse floods one level from one tenant; another one's requests must get through all the same.
func TestElephantAndMouse(t *testing.T) {
	f := newTest(16, 10*time.Second, testLevel("l", 100, 64, 4, 50))
	f.Apply(testSchema("s", "l", 10, []string{"*"}, []string{"*"}), false)
	var refused, served atomic.Int64
	serve := func(user string) time.Duration {
		began := time.Now()
		r := ask(context.Background(), user, "get", "pods")
		w := httptest.NewRecorder()
		if done, _ := f.Run(w, r); done {
			refused.Add(1)
			time.Sleep(5 * time.Millisecond)
			return -1
		}
		waited := time.Since(began)
		time.Sleep(2 * time.Millisecond)
		r.End()
		served.Add(1)
		return waited
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var elephants []time.Duration
	for range 300 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if d := serve("elephant"); d >= 0 {
						mu.Lock()
						elephants = append(elephants, d)
						mu.Unlock()
					}
				}
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	var waits []time.Duration
	for range 40 {
		d := serve("mouse")
		if d < 0 {
			t.Error("the mouse was refused")
		}
		waits = append(waits, d)
	}
	close(stop)
	wg.Wait()
	slices.Sort(waits)
	slices.Sort(elephants)
	// The elephant's own requests wait for 200 others; the mouse's for the next seat. Medians, since the machine
	// may be busy with something else.
	if mouse, elephant := waits[len(waits)/2], elephants[len(elephants)/2]; mouse >= elephant {
		t.Errorf("the mouse waited %v, the elephant %v (medians); served %d, refused %d", mouse, elephant, served.Load(), refused.Load())
	}
	if refused.Load() == 0 {
		t.Error("the elephant was never refused: memory is not bounded")
	}
	for _, l := range f.State() {
		if l.InUse != 0 || l.Waiting != 0 || l.Waiters != 0 {
			t.Errorf("at the end: %+v", l)
		}
	}
}

func TestWatchGivesItsSeatBack(t *testing.T) {
	f := newTest(10, time.Second, testLevel("l", 100, 8, 2, 10))
	f.Count = func(string, string) int { return 1000 }
	f.Apply(testSchema("s", "l", 10, []string{"*"}, []string{"*"}), false)
	r := ask(t.Context(), "a", "watch", "pods")
	if done, _ := f.Run(httptest.NewRecorder(), r); done {
		t.Fatal("refused")
	}
	inUse := func() int { return f.levels["l"].inUse }
	if inUse() != 2 { // 15 % of its seats
		t.Errorf("a watch of a thousand objects takes %d seats", inUse())
	}
	r.Settled()
	if inUse() != 0 {
		t.Error("a settled watch keeps its seats")
	}
	r.End()
	if inUse() != 0 {
		t.Error("the seats were given back twice")
	}
}

func TestLend(t *testing.T) {
	for _, c := range []struct {
		seats float64
		needs []need
		want  []float64
	}{
		{100, []need{{low: 10, high: 100, target: 10}, {low: 10, high: 100, target: 90}}, []float64{10, 90}},
		{100, []need{{low: 20, high: 100, target: 20}, {low: 5, high: 30, target: 90}}, []float64{70, 30}},
		{50, []need{{low: 40, high: 40, target: 40}, {low: 40, high: 40, target: 40}}, []float64{40, 40}},
	} {
		got := share(c.seats, c.needs)
		for i := range got {
			if d := got[i] - c.want[i]; d > 0.01 || d < -0.01 {
				t.Errorf("%v of %v: got %v", c.needs, c.seats, got)
				break
			}
		}
	}
	// A level that needs seats borrows those of one that does not, and gives them back.
	now := time.Now()
	f := NewFair(Config{Seats: 100, Now: func() time.Time { return now }})
	busy, idle := testLevel("busy", 45, 8, 2, 10), testLevel("idle", 50, 8, 2, 10)
	lendable := int32(80)
	busy.Spec.Limited.LendablePercent, idle.Spec.Limited.LendablePercent = &lendable, &lendable
	f.Apply(busy, false)
	f.Apply(idle, false)
	f.levels["busy"].demand.set(80, now)
	now = now.Add(adjustEvery)
	f.lend(now)
	if b, i := f.levels["busy"].limit, f.levels["idle"].limit; b < 80 || i > 20 {
		t.Errorf("busy has %d, idle %d", b, i)
	}
}

func TestDeal(t *testing.T) {
	seen := map[string]bool{}
	for v := range uint64(2000) {
		hand := deal(v*0x9e3779b97f4a7c15, 64, 6)
		slices.Sort(hand)
		if len(slices.Compact(slices.Clone(hand))) != 6 || hand[0] < 0 || hand[5] >= 64 {
			t.Fatalf("hand %v", hand)
		}
		seen[fmt.Sprint(hand)] = true
	}
	if len(seen) < 1990 {
		t.Errorf("only %d different hands", len(seen))
	}
}

func BenchmarkIdle(b *testing.B) {
	f := newTest(600, time.Second, testLevel("l", 100, 128, 6, 50))
	for i := range 12 {
		f.Apply(testSchema(fmt.Sprint("s", i), "l", int32(10+i), []string{"delete"}, []string{"leases", "nodes"}), false)
	}
	f.Apply(testSchema("z", "l", 9000, []string{"*"}, []string{"*"}), false)
	w := httptest.NewRecorder()
	r := ask(context.Background(), "a", "get", "pods")
	b.ReportAllocs()
	for b.Loop() {
		r2 := *r
		if done, _ := f.Run(w, &r2); done {
			b.Fatal("refused")
		}
		r2.End()
	}
}
