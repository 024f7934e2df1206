package metadata

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// MinKeyBytes is the shortest key that [Pseudonymise] takes.
const MinKeyBytes = 32

// pseudonymContext keeps pseudonyms apart from whatever else is made with the
// same key.
const pseudonymContext = "bedrock-paper-trail user_id v1\x00"

// Pseudonymise returns a stable stand-in for the name of a user: "u-" and 32
// hexadecimal digits, the first half of an HMAC-SHA-256 of the name. One key
// gives one pseudonym for each name, byte for byte: whether Ann and ann are the
// same is for the caller to settle first.
//
// Nobody can turn a pseudonym back into a name. Whoever holds the key and a list
// of names can find the name that belongs to a pseudonym, by pseudonymising each
// name of the list: that is how an auditor with access to the user directory
// re-identifies a caller. So the key is a secret of the same worth as the list,
// and without it the records of seven years cannot be tied to people any more:
// keep it as long as the records, and destroy it to make them anonymous.
//
// The key is at least 32 random bytes.
func Pseudonymise(key []byte, user string) (string, error) {
	if len(key) < MinKeyBytes {
		return "", fmt.Errorf("metadata: the key for pseudonyms has to be %d bytes or more, got %d; generate random ones and keep them in a secret store", MinKeyBytes, len(key))
	}
	if user == "" {
		return "", errors.New("metadata: there is no pseudonym for an empty user; leave user_id out instead")
	}
	code := hmac.New(sha256.New, key)
	code.Write([]byte(pseudonymContext))
	code.Write([]byte(user))
	return "u-" + hex.EncodeToString(code.Sum(nil)[:sha256.Size/2]), nil
}
