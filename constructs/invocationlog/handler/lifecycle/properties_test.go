package lifecycle

import "testing"

func FuzzParseProperties(f *testing.F) {
	f.Add([]byte(propertiesFor(toBucket("b"), Refuse)))
	f.Add([]byte(`{"LoggingConfiguration":"null"}`))
	f.Add([]byte(`{"LoggingConfiguration":{}}`))
	f.Add([]byte(``))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parseProperties(raw)
		if err == nil && p.config.OrNone() == nil {
			t.Errorf("accepted a configuration that logs nothing: %s", raw)
		}
	})
}
