package record

// Model is what a model id says, taken apart.
type Model struct {
	// ID is the foundation model's id without Region scope and context length
	// ("anthropic.claude-sonnet-4-5-20250929-v1:0"). Default: empty, the id names a profile only.
	ID string
	// Vendor is the id's first part, such as "anthropic". Default: empty.
	Vendor string
	// Name is the model without its version, such as "claude-sonnet-4-5". Default: empty.
	Name string
	// Version is the rest, such as "20250929-v1:0". Default: empty.
	Version string
	// ContextLength is the id's context-length suffix, such as "200k". Default: empty.
	ContextLength string
	// Scope is where a cross-Region call may be served: "us", "eu", "apac", "global" and so on. Default: empty, in-Region.
	Scope string
	// Profile is the ARN or id that the caller passed where the foundation model is not in it: an
	// application inference profile, provisioned throughput, a custom or imported model, a prompt
	// router, an endpoint. Default: empty.
	Profile string
}

// NormaliseModel takes apart what a caller passed as model id.
func NormaliseModel(id string) Model { return Model{} }
