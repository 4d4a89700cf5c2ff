package authn

import (
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
)

// Tokens knows users by the bearer tokens of a static file (--token-auth-file). It keeps hashes: looking
// one up takes no time that depends on how much of a token is right.
type Tokens struct {
	users map[[sha256.Size]byte]authenticationv1.UserInfo
}

// ReadTokens reads lines of token,user,uid[,"group1,group2"].
func ReadTokens(file io.Reader) (*Tokens, error) {
	in := csv.NewReader(file)
	in.FieldsPerRecord = -1
	t := &Tokens{users: map[[sha256.Size]byte]authenticationv1.UserInfo{}}
	for line := 1; ; line++ {
		record, err := in.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if len(record) < 3 {
			return nil, fmt.Errorf("line %d of the token file has %d columns; it must have at least 3 (token, user name, user uid)", line, len(record))
		}
		token, user := strings.TrimSpace(record[0]), authenticationv1.UserInfo{Username: record[1], UID: record[2]}
		if token == "" {
			continue
		}
		if len(record) > 3 { // "" is a group of that name, as in kube-apiserver
			user.Groups = strings.Split(record[3], ",")
		}
		t.Add(token, user)
	}
}

// Add adds a user; it is for the time before the first request.
func (t *Tokens) Add(token string, user authenticationv1.UserInfo) {
	if t.users == nil {
		t.users = map[[sha256.Size]byte]authenticationv1.UserInfo{}
	}
	t.users[sha256.Sum256([]byte(token))] = user
}

// Lookup returns the user of a token, nil if it is not in the file.
func (t *Tokens) Lookup(token string) *authenticationv1.UserInfo {
	if token == "" {
		return nil
	}
	if user, ok := t.users[sha256.Sum256([]byte(token))]; ok {
		return &user
	}
	return nil
}
