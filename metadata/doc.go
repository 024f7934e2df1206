// Package metadata is the contract between an application and the paper trail:
// what an application says about each call of a model, so that the record of the
// call can be joined with the business event behind it.
//
// The four keys are user_id, task_type, kb_id and request_id. Amazon Bedrock
// writes them into the record of the call as requestMetadata. Nothing on the
// side of AWS can require them, so the application's client does:
//
//	client := bedrockruntime.NewFromConfig(cfg,
//		metadata.WithRequestMetadata(metadata.Require(metadata.UserID, metadata.TaskType)))
//
//	ctx = metadata.NewContext(ctx, metadata.Request{UserID: user, TaskType: "summarise"})
//	out, err := client.Converse(ctx, input)
//
// Where a request goes without the SDK's client, [Request.Map] and
// [Request.JSON] give the two forms in which Amazon Bedrock takes metadata.
//
// Request metadata is visible to whoever reads the records and cannot be taken
// back for as long as they are kept. Values that look like an e-mail address, a
// phone number or a payment card are refused, and masked in errors and logs,
// unless [AllowPersonalData] names their key; [Pseudonymise] makes a stable stand-in for a
// user's name.
//
// It appears in the records only, never on the bill; and since the caller writes
// it, it proves nothing about the caller. Who called is in the record's identity.
//
// The package has nothing to do with the CDK.
package metadata
