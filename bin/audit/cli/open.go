package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	sdkathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine"
	athenaengine "github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/athena"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/duckdb"
	"github.com/bedrock-paper-trail/paper-trail/bin/audit/engine/hours"
	"github.com/bedrock-paper-trail/paper-trail/record"
	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
)

// open starts the engine that the flags name. readOnce is for commands with
// several queries.
func (o *options) open(ctx context.Context, p *progress, readOnce bool) (engine.Engine, error) {
	metric, err := o.metric(ctx)
	if err != nil {
		return nil, err
	}
	if o.engine == athena {
		cfg, err := o.aws(ctx)
		if err != nil {
			return nil, err
		}
		return athenaengine.New(athenaengine.Options{
			Client: sdkathena.NewFromConfig(cfg), Database: o.database, WorkGroup: o.workGroup,
			Metric: metric, Progress: p.athena,
		})
	}
	store, err := o.store(ctx, o.source)
	if err != nil {
		return nil, err
	}
	card, err := o.rateCard()
	if err != nil {
		return nil, err
	}
	return duckdb.Open(ctx, duckdb.Options{
		Store: store, Range: o.within(), Filter: o.filter(), Rates: card,
		Metric: metric, ReadOnce: readOnce, Progress: p.reading,
	})
}

func (o *options) within() logstore.Range {
	return logstore.Range{From: o.from.time, To: o.to.time}
}

// store opens a folder or a bucket.
func (o *options) store(ctx context.Context, where string) (logstore.Store, error) {
	location, inS3 := strings.CutPrefix(where, "s3://")
	if !inS3 {
		info, err := os.Stat(where)
		if err != nil {
			return nil, fmt.Errorf("no log there: %w", err)
		}
		if !info.IsDir() {
			return nil, usagef("%s is a file; give the folder that it is in", where)
		}
		return logstore.Dir(where), nil
	}
	bucket, prefix, _ := strings.Cut(location, "/")
	cfg, err := o.aws(ctx)
	if err != nil {
		return nil, err
	}
	client := s3.NewFromConfig(cfg, func(s *s3.Options) {
		// Emulators and other stores have no name for each bucket.
		s.UsePathStyle = s.BaseEndpoint != nil
	})
	return logstore.S3(client, bucket, prefix), nil
}

func (o *options) rateCard() (*record.RateCard, error) {
	if o.rates == "" {
		return record.Rates(), nil
	}
	file, err := os.Open(o.rates)
	if err != nil {
		return nil, fmt.Errorf("read the rate card: %w", err)
	}
	defer file.Close()
	over, err := record.ReadRates(file)
	if err != nil {
		return nil, fmt.Errorf("read the rate card %s: %w", o.rates, err)
	}
	return record.Rates().With(over), nil
}

func (o *options) metric(ctx context.Context) (hours.Metric, error) {
	choice := o.metrics
	if choice == "" && (o.engine == athena || strings.HasPrefix(o.source, "s3://")) {
		choice = "cloudwatch"
	}
	switch choice {
	case "", "none":
		return nil, nil
	case "cloudwatch":
		cfg, err := o.aws(ctx)
		if err != nil {
			return nil, err
		}
		return hours.CloudWatch(cloudwatch.NewFromConfig(cfg), cfg.Region), nil
	default:
		return hours.File(choice)
	}
}

func (o *options) aws(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(o.region), config.WithSharedConfigProfile(o.profile))
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return cfg, usagef("no AWS Region; give --region, or set it in the environment or the profile")
	}
	return cfg, nil
}
