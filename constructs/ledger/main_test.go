package ledger_test

import (
	"testing"

	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }
