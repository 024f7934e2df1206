package ledger

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// engineVersion is the one that the ledger's SQL is written for.
const engineVersion = "Athena engine version 3"

// ScanLimits are the bytes after which Athena cancels a query, one limit for
// each work group. Athena takes 10 MB at least.
type ScanLimits struct {
	// Fill limits each statement of the hourly fill. It reads the raw records of
	// some hours, and of at most a day when it fills the past. Default: 1 TiB.
	Fill awscdk.Size
	// Audit limits the queries of auditors, which read raw records. Default:
	// 1 TiB.
	Audit awscdk.Size
	// Ledger limits the queries of the ledger's readers. Default: 100 GiB.
	Ledger awscdk.Size
}

// workGroup is an Athena work group with its own part of the bucket for results:
// who may read the results of one group cannot read those of another.
type workGroup struct {
	name, folder, description string
	limit                     float64 // bytes
	key                       awskms.IKey
}

const (
	gib             = 1 << 30
	leastScanLimit  = 10_000_000
	defaultRawLimit = 1024 * gib
	defaultLimit    = 100 * gib
)

func bytesOf(size awscdk.Size, byDefault float64) float64 {
	if misuse.IsNil(size) {
		return byDefault
	}
	return *size.ToBytes(nil)
}

// problems are those of the limits.
func (l ScanLimits) problems() (found []error) {
	for _, of := range []struct {
		prop string
		size awscdk.Size
	}{{"Fill", l.Fill}, {"Audit", l.Audit}, {"Ledger", l.Ledger}} {
		if got := bytesOf(of.size, defaultLimit); got < leastScanLimit {
			found = append(found, misuse.Errorf(pkg, "ScanLimits.%s has to be 10 MB or more, got %v bytes; give a larger Size", of.prop, got))
		}
	}
	return found
}

// in makes the work group. Its settings are enforced, so no client can send the
// results elsewhere or leave them unencrypted.
func (g workGroup) in(scope constructs.Construct, id, resultsBucket string) awsathena.CfnWorkGroup {
	place := policies.At(scope)
	return awsathena.NewCfnWorkGroup(scope, jsii.String(id), &awsathena.CfnWorkGroupProps{
		Name:        jsii.String(g.name),
		Description: jsii.String(g.description),
		State:       jsii.String("ENABLED"),
		// A group that has been used cannot be deleted otherwise. What is lost is
		// Athena's list of its queries; the trail has them.
		RecursiveDeleteOption: jsii.Bool(true),
		WorkGroupConfiguration: &awsathena.CfnWorkGroup_WorkGroupConfigurationProperty{
			EnforceWorkGroupConfiguration:   jsii.Bool(true),
			PublishCloudWatchMetricsEnabled: jsii.Bool(true),
			RequesterPaysEnabled:            jsii.Bool(false),
			BytesScannedCutoffPerQuery:      jsii.Number(g.limit),
			EngineVersion: &awsathena.CfnWorkGroup_EngineVersionProperty{
				SelectedEngineVersion: jsii.String(engineVersion),
			},
			ResultConfiguration: &awsathena.CfnWorkGroup_ResultConfigurationProperty{
				OutputLocation:      jsii.String("s3://" + resultsBucket + "/" + g.folder),
				ExpectedBucketOwner: jsii.String(place.Account),
				EncryptionConfiguration: &awsathena.CfnWorkGroup_EncryptionConfigurationProperty{
					EncryptionOption: jsii.String("SSE_KMS"),
					KmsKey:           g.key.KeyArn(),
				},
			},
		},
	})
}
