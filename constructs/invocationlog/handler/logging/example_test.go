package logging_test

import (
	"fmt"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/logging"
)

func ExampleDifference() {
	off := false
	live := &logging.Config{S3Config: &logging.S3Config{BucketName: "theirs"}, AudioDataDeliveryEnabled: &off}
	wanted := &logging.Config{S3Config: &logging.S3Config{BucketName: "ours"}}
	fmt.Println(logging.Difference(live, wanted))
	// Output: s3Config.bucketName: live "theirs", wanted "ours"; audioDataDeliveryEnabled: live false, wanted true
}
