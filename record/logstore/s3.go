package logstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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

var _ Store = (*bucket)(nil)

// S3 is a bucket, or the part of it under a prefix, which may go as deep as one
// hour. It lists (s3:ListBucket) and gets (s3:GetObject, and kms:Decrypt for the
// bucket's key). Retries are the client's; a download that breaks off is taken
// up where it broke.
func S3(client S3Client, name, prefix string) Store {
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	return &bucket{client, name, prefix}
}

func (b *bucket) List(ctx context.Context, prefix string) (Listing, error) {
	var out Listing
	for page, err := range b.pages(ctx, prefix, aws.String("/")) {
		if err != nil {
			return out, err
		}
		for _, folder := range page.CommonPrefixes {
			name := strings.TrimPrefix(aws.ToString(folder.Prefix), b.prefix+prefix)
			out.Folders = append(out.Folders, strings.TrimSuffix(name, "/"))
		}
		out.Objects = b.appendObjects(out.Objects, page)
	}
	return out, nil
}

func (b *bucket) Walk(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for page, err := range b.pages(ctx, prefix, nil) {
			if err != nil {
				yield(Object{}, err)
				return
			}
			for _, object := range b.appendObjects(nil, page) {
				if !yield(object, nil) {
					return
				}
			}
		}
	}
}

func (b *bucket) pages(ctx context.Context, prefix string, delimiter *string) iter.Seq2[*s3.ListObjectsV2Output, error] {
	return func(yield func(*s3.ListObjectsV2Output, error) bool) {
		pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{
			Bucket: aws.String(b.name), Prefix: aws.String(b.prefix + prefix), Delimiter: delimiter,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				err = fmt.Errorf("list %s: %w", b.Name(prefix), err)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// appendObjects leaves out the empty objects that consoles make for folders.
func (b *bucket) appendObjects(objects []Object, page *s3.ListObjectsV2Output) []Object {
	for _, found := range page.Contents {
		key := strings.TrimPrefix(aws.ToString(found.Key), b.prefix)
		if key != "" && !strings.HasSuffix(key, "/") {
			objects = append(objects, Object{Key: key, Size: aws.ToInt64(found.Size)})
		}
	}
	return objects
}

func (b *bucket) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	return b.open(ctx, b.name, b.prefix+key)
}

func (b *bucket) OpenURL(ctx context.Context, reference string) (io.ReadCloser, error) {
	name, key, err := splitURL(reference)
	if err != nil {
		return nil, err
	}
	return b.open(ctx, name, key)
}

func (b *bucket) Name(key string) string { return "s3://" + b.name + "/" + b.prefix + key }

// fetchers is how many objects are fetched ahead of the workers, since an object
// takes longer to come than to be read.
func (b *bucket) fetchers() int { return 16 }

func (b *bucket) open(ctx context.Context, name, key string) (io.ReadCloser, error) {
	d := &download{ctx: ctx, client: b.client, bucket: name, key: key}
	if err := d.request(); err != nil {
		return nil, err
	}
	return d, nil
}

// download reads one version of an object, over as many connections as it takes.
type download struct {
	ctx         context.Context
	client      S3Client
	bucket, key string

	body       io.ReadCloser
	etag       *string
	size, read int64
	failures   int // since the last byte came
}

// maxFailures is how often in a row a download may break without a byte.
const maxFailures = 3

func (d *download) request() error {
	in := &s3.GetObjectInput{Bucket: aws.String(d.bucket), Key: aws.String(d.key)}
	if d.etag != nil {
		in.Range, in.IfMatch = aws.String(fmt.Sprintf("bytes=%d-", d.read)), d.etag
	}
	out, err := d.client.GetObject(d.ctx, in)
	if err != nil {
		return fmt.Errorf("get s3://%s/%s: %w", d.bucket, d.key, err)
	}
	if d.etag == nil {
		d.etag, d.size = out.ETag, aws.ToInt64(out.ContentLength)
	}
	d.body = out.Body
	return nil
}

func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.read += int64(n)
		if n > 0 {
			d.failures = 0
		}
		whole := d.read >= d.size
		switch {
		case err == nil, whole && errors.Is(err, io.EOF):
			return n, err
		case n > 0 && !whole:
			return n, nil // the failure comes again
		case whole || d.etag == nil || d.failures == maxFailures || d.ctx.Err() != nil:
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return n, err
		}
		d.failures++
		d.body.Close()
		if err := d.request(); err != nil {
			d.body = io.NopCloser(strings.NewReader(""))
			d.etag = nil // what is at the key now is another object, or out of reach
			return 0, err
		}
	}
}

func (d *download) Close() error { return d.body.Close() }
