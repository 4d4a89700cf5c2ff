package serviceaccount

import (
	"crypto"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// A Signer makes tokens.
type Signer struct {
	issuer string
	key    Key
	signer jose.Signer
}

// NewSigner returns a signer that signs as the issuer, a URL, with the key.
func NewSigner(issuer string, private crypto.Signer) (*Signer, error) {
	key, err := KeyOf(private.Public())
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: key.Algorithm,
		Key:       jose.JSONWebKey{Key: private, KeyID: key.ID, Algorithm: string(key.Algorithm), Use: "sig"},
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("service account signer: %w", err)
	}
	return &Signer{issuer: issuer, key: key, signer: signer}, nil
}

// Key is the public half, with which the signer's tokens are checked.
func (s *Signer) Key() Key { return s.key }

// Issuer is who signs.
func (s *Signer) Issuer() string { return s.issuer }

// Sign returns the token that says the claims.
func (s *Signer) Sign(c Claims) (string, error) {
	c.Issuer = s.issuer
	return jwt.Signed(s.signer).Claims(c).Serialize()
}
