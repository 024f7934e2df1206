package attribution

import (
	"errors"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
)

func TestCollect(t *testing.T) {
	t.Parallel()
	full := func(additional map[string]*string) CostTagsProps {
		return CostTagsProps{
			Project: jsii.String("p"), Environment: jsii.String("e"), Owner: jsii.String("o"), CostCenter: jsii.String("c"),
			Additional: &additional,
		}
	}
	for name, test := range map[string]struct {
		props CostTagsProps
		tags  int
		want  []string
	}{
		"required only":      {props: full(nil), tags: 4},
		"additional":         {props: full(map[string]*string{"team": jsii.String("t")}), tags: 5},
		"nothing":            {props: CostTagsProps{}, want: []string{`the tag "project"`, `the tag "environment"`, `the tag "owner"`, `the tag "cost-center"`}},
		"repeated":           {props: full(map[string]*string{"owner": jsii.String("x")}), tags: 4, want: []string{`field of its own, got "owner"`}},
		"repeated in case":   {props: full(map[string]*string{"Owner": jsii.String("x")}), tags: 5, want: []string{`differ in more than case`}},
		"nil":                {props: full(map[string]*string{"team": nil}), tags: 4, want: []string{`got nil for "team"`}},
		"reserved and wrong": {props: full(map[string]*string{"aws:x": jsii.String("a;b")}), tags: 5, want: []string{"prefix aws:", `"a;b"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tags, problems := collect(test.props)
			assert.Len(t, tags, test.tags)
			assert.Len(t, problems, len(test.want))
			for _, want := range test.want {
				assert.ErrorContains(t, errors.Join(problems...), want)
			}
		})
	}
}
