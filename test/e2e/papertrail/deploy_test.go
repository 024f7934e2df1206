package papertrail_test

import (
	"testing"
	"time"
)

func TestX(t *testing.T) {
	s := time.Now()
	lap := func(w string) { t.Log(w, time.Since(s)); s = time.Now() }
	trail := start(t, home,other)
	lap("start")
	trail.configure("removal: destroy", "objectLock: {mode: GOVERNANCE, days: 1}")
	trail.deploy("--concurrency", "6")
	lap("deploy")
	trail.deploy("--concurrency", "6")
	lap("deploy2")
	trail.destroy()
	lap("destroy")
}
