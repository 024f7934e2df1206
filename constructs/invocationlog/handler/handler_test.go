package handler_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler"
	"github.com/bedrock-paper-trail/paper-trail/internal/gofunction"
)

func TestFunctionCompilesFromItsEmbeddedSource(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())

	dir, err := handler.Source().Build(t.Context(), gofunction.Arm64)
	require.NoError(t, err)
	require.FileExists(t, dir+"/bootstrap")
}
