// Package attribution says what the paper trail costs, and to whom.
//
// [CostTags] puts the tags that a bill is split by on every resource of a
// scope, and reports resources that could carry them and do not. A tag shows up
// in Cost Explorer once it is activated as a cost allocation tag in the
// account that pays.
//
//	attribution.NewCostTags(stack, jsii.String("CostTags"), &attribution.CostTagsProps{
//		Project:     jsii.String("assistant"),
//		Environment: jsii.String("prod"),
//		Owner:       jsii.String("platform@example.com"),
//		CostCenter:  jsii.String("4711"),
//	})
//
// Tags say what auditing costs. What the calls of a model cost is told apart by
// [InferenceProfiles], one tagged profile for each project and model, and roles
// that can call models through their profiles only.
package attribution

const pkg = "attribution"
