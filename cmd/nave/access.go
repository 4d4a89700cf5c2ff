package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/nave-k8s/nave/cmd/nave/flags"
	"github.com/nave-k8s/nave/server"
	authnconfig "github.com/nave-k8s/nave/server/authn/config"
	"github.com/nave-k8s/nave/server/authn/oidc"
	"github.com/nave-k8s/nave/server/authn/tokenwebhook"
	authzwebhook "github.com/nave-k8s/nave/server/authz/webhook"
)

// logins says which tokens are known besides those that are this server's own.
func logins(o *flags.Options, c *server.Config, log *slog.Logger) (err error) {
	c.BootstrapTokens = o.BootstrapTokens
	options := authnconfig.Options{
		Reserved: o.ServiceAccountIssuers, Now: time.Now,
		Failed: func(err error) {
			log.Warn("the authentication configuration could not be read again; what was there stays", "err", err)
		},
	}
	switch {
	case o.AuthenticationConfig != "" && o.OIDCIssuer != "":
		return errors.New("--authentication-config: the flags --oidc-* may not be set beside it")
	case o.AuthenticationConfig != "":
		if c.Authentication, err = authnconfig.Follow(o.AuthenticationConfig, options); err != nil {
			return fmt.Errorf("--authentication-config: %w", err)
		}
	case o.OIDCIssuer != "":
		if c.Authentication, err = openID(o, options); err != nil {
			return fmt.Errorf("--oidc-issuer-url: %w", err)
		}
	}
	if o.TokenWebhook != "" {
		hook, err := tokenwebhook.New(o.TokenWebhook, o.TokenWebhookVersion, o.TokenWebhookTTL, c.Audiences, time.Now)
		if err != nil {
			return fmt.Errorf("--authentication-token-webhook-config-file: %w", err)
		}
		c.TokenWebhook = hook
	}
	return nil
}

// openID is what the flags --oidc-* say.
func openID(o *flags.Options, options authnconfig.Options) (*authnconfig.Settings, error) {
	if o.OIDCClient == "" {
		return nil, errors.New("it needs --oidc-client-id")
	}
	f := oidc.Flags{
		IssuerURL: o.OIDCIssuer, ClientID: o.OIDCClient, UsernameClaim: o.OIDCUsernameClaim, UsernamePrefix: o.OIDCUsernamePrefix,
		GroupsClaim: o.OIDCGroupsClaim, GroupsPrefix: o.OIDCGroupsPrefix, RequiredClaims: o.OIDCRequiredClaims,
		SigningAlgorithms: o.OIDCSigningAlgorithms,
	}
	if o.OIDCCA != "" {
		ca, err := os.ReadFile(o.OIDCCA)
		if err != nil {
			return nil, err
		}
		f.CA = string(ca)
	}
	j, err := f.Config()
	if err != nil {
		return nil, err
	}
	return authnconfig.Of([]oidc.JWT{j}, options)
}

// rights says who decides what somebody may do.
func rights(o *flags.Options, c *server.Config) error {
	if o.AuthorizationConfig != "" {
		if len(o.AuthorizationModes) > 0 || o.AuthorizationWebhook != "" {
			return errors.New("--authorization-config: --authorization-mode and the flags --authorization-webhook-* may not be set beside it")
		}
		c.AuthorizationFile = o.AuthorizationConfig
		return nil
	}
	c.Modes = o.AuthorizationModes
	if len(c.Modes) == 0 {
		c.Modes = []string{"AlwaysAllow"}
	}
	asked := slices.Contains(c.Modes, "Webhook")
	if asked != (o.AuthorizationWebhook != "") {
		return errors.New("--authorization-mode Webhook and --authorization-webhook-config-file need each other")
	}
	if !asked {
		return nil
	}
	hook, err := authzwebhook.New(authzwebhook.Config{
		Kubeconfig: o.AuthorizationWebhook, Version: o.AuthorizationWebhookVersion,
		KeepAllowed: o.AuthorizationAllowedTTL, KeepRefused: o.AuthorizationDenyTTL, Now: time.Now,
	})
	if err != nil {
		return fmt.Errorf("--authorization-webhook-config-file: %w", err)
	}
	c.AuthorizationWebhook = hook
	return nil
}
