package serviceaccount

import (
	"crypto/sha256"
	"sync"
)

// knownTokens remembers tokens whose signature was checked, by their hash: checking an RSA signature costs
// more than all the rest of authenticating a request.
type knownTokens struct {
	mu     sync.RWMutex
	limit  int
	claims map[[sha256.Size]byte]*Claims
}

func newKnownTokens(limit int) *knownTokens {
	return &knownTokens{limit: limit, claims: map[[sha256.Size]byte]*Claims{}}
}

func (k *knownTokens) get(sum [sha256.Size]byte) *Claims {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.claims[sum]
}

// put remembers; where there is no room, an entry goes that the map's random order picks.
func (k *knownTokens) put(sum [sha256.Size]byte, c *Claims) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.claims) >= k.limit {
		for old := range k.claims {
			delete(k.claims, old)
			break
		}
	}
	k.claims[sum] = c
}
