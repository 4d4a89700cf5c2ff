package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/request"
)

// whyOptions are the flags of nave why.
type whyOptions struct {
	kubeconfig, context string
	as                  string
	groups              []string
	namespace           string
	all                 bool
}

// errOtherwise ends the program with failure where the answer is not the one that was asked about; the answer has
// been printed.
var errOtherwise = errors.New("it is the other way round")

func whyCommand() *cobra.Command {
	o := whyOptions{}
	why := &cobra.Command{Use: "why", Short: "Say why somebody may or may not do something"}
	for word, want := range map[string]bool{"can": true, "cannot": false} {
		c := &cobra.Command{
			Use:   word + " --as USER VERB RESOURCE [NAME]",
			Short: "Say which rule lets a user do something, or which rules come nearest",
			Example: "  nave why " + word + " --as alice delete pods -n prod\n" +
				"  nave why " + word + " --as system:serviceaccount:ci:builder create deployments.apps\n" +
				"  nave why " + word + " --as alice get /metrics",
			Args: cobra.RangeArgs(2, 3),
			RunE: func(cmd *cobra.Command, args []string) error {
				may, err := o.run(cmd.Context(), cmd.OutOrStdout(), args)
				if err == nil && may != want {
					err = errOtherwise
				}
				return err
			},
		}
		f := c.Flags()
		f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig of somebody who may make SubjectAccessReviews; to hear of rules they must be allowed to list roles and bindings")
		f.StringVar(&o.context, "context", "", "context of the kubeconfig to use")
		f.StringVar(&o.as, "as", "", "the user in question")
		f.StringSliceVar(&o.groups, "as-group", nil, "groups of the user")
		f.StringVarP(&o.namespace, "namespace", "n", "", "namespace; by default that of the context")
		f.BoolVarP(&o.all, "all-namespaces", "A", false, "ask about all namespaces at once")
		_ = c.MarkFlagRequired("as")
		why.AddCommand(c)
	}
	return why
}

func (o *whyOptions) run(ctx context.Context, out io.Writer, args []string) (may bool, err error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	config := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.context})
	rest, err := config.ClientConfig()
	if err != nil {
		return false, err
	}
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		return false, err
	}
	if o.namespace == "" && !o.all {
		if o.namespace, _, err = config.Namespace(); err != nil {
			return false, err
		}
	}
	a, err := o.attributes(client, args)
	if err != nil {
		return false, err
	}
	review, err := client.AuthorizationV1().SubjectAccessReviews().Create(ctx, reviewOf(&a), metav1.CreateOptions{})
	if err != nil {
		return false, err
	}
	may = review.Status.Allowed
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) } //nolint:errcheck // standard output
	if may {
		say("yes: %s", orElse(review.Status.Reason, "the user is in system:masters, or the server allows everything"))
		return true, nil
	}
	say("no: %s", orElse(review.Status.Reason, "no rule allows it"))
	z, err := readRules(ctx, client)
	if apierrors.IsForbidden(err) {
		say("which rules come nearest is for those who may list roles and bindings: %v", err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	near := z.Nearest(a, nil)
	if len(near) == 0 {
		say("nothing comes near: no binding of %q or its groups is about that", a.User.Username)
	}
	for _, text := range near {
		say("  %s", text)
	}
	return false, nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// attributes are what is asked about.
func (o *whyOptions) attributes(client kubernetes.Interface, args []string) (a request.Attributes, err error) {
	a.User = authenticationv1.UserInfo{Username: o.as, Groups: slices.Clone(o.groups)}
	if namespace, _, ok := serviceaccount.SplitUsername(o.as); ok {
		a.User.Groups = append(a.User.Groups, serviceaccount.Groups(namespace)...)
	}
	if o.as != "system:anonymous" && !slices.Contains(a.User.Groups, "system:authenticated") {
		a.User.Groups = append(a.User.Groups, "system:authenticated")
	}
	a.Verb = args[0]
	if strings.HasPrefix(args[1], "/") {
		a.Path = args[1]
		return a, nil
	}
	a.Resource, a.Namespace = true, o.namespace
	if len(args) > 2 {
		a.Name = args[2]
	}
	word, sub, _ := strings.Cut(args[1], "/")
	a.Subresource = sub
	a.Plural, a.Group, _ = strings.Cut(word, ".")
	if a.Plural == "*" {
		a.Group = "*"
		return a, nil
	}
	found, err := findResource(client, a.Plural, a.Group)
	if err != nil {
		return a, err
	}
	if found == nil {
		return a, fmt.Errorf("the server has no resource %q", word)
	}
	a.Plural, a.Group, a.Version = found.Name, found.Group, found.Version
	if !found.Namespaced {
		a.Namespace = ""
	}
	return a, nil
}

// findResource finds a resource by its plural, singular or short name.
func findResource(client kubernetes.Interface, word, group string) (*metav1.APIResource, error) {
	lists, err := client.Discovery().ServerPreferredResources()
	if len(lists) == 0 && err != nil {
		return nil, err
	}
	for _, list := range lists {
		in, version, ok := strings.Cut(list.GroupVersion, "/")
		if !ok {
			in, version = "", in
		}
		for _, r := range list.APIResources {
			if group != "" && group != in || r.Name != word && r.SingularName != word && !slices.Contains(r.ShortNames, word) {
				continue
			}
			r.Group, r.Version = in, version
			return &r, nil
		}
	}
	return nil, nil
}

func reviewOf(a *request.Attributes) *authorizationv1.SubjectAccessReview {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: a.User.Username, Groups: a.User.Groups}}
	if !a.Resource {
		review.Spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: a.Path, Verb: a.Verb}
		return review
	}
	review.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
		Namespace: a.Namespace, Verb: a.Verb, Group: a.Group, Version: a.Version, Resource: a.Plural, Subresource: a.Subresource, Name: a.Name,
	}
	return review
}

// readRules reads all roles and bindings, as the caller may.
func readRules(ctx context.Context, client kubernetes.Interface) (*rbac.Authorizer, error) {
	z := rbac.New()
	api, options := client.RbacV1(), metav1.ListOptions{}
	roles, err := api.ClusterRoles().List(ctx, options)
	if err != nil {
		return nil, err
	}
	bindings, err := api.ClusterRoleBindings().List(ctx, options)
	if err != nil {
		return nil, err
	}
	local, err := api.Roles("").List(ctx, options)
	if err != nil {
		return nil, err
	}
	localBindings, err := api.RoleBindings("").List(ctx, options)
	if err != nil {
		return nil, err
	}
	for i := range roles.Items {
		z.Apply(&roles.Items[i], false)
	}
	for i := range bindings.Items {
		z.Apply(&bindings.Items[i], false)
	}
	for i := range local.Items {
		z.Apply(&local.Items[i], false)
	}
	for i := range localBindings.Items {
		z.Apply(&localBindings.Items[i], false)
	}
	return z, nil
}
