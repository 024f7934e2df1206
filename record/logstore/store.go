package logstore

import (
	"context"
	"io"
	"iter"
)

// Store is where the objects are: [Dir] or [S3]. Keys are relative to it, their
// parts separated by slashes. Prefixes end in a slash, save the empty prefix,
// which is the whole store.
type Store interface {
	// List returns what lies directly under a prefix, in order. A prefix with
	// nothing under it has an empty listing; a store that is not there is an error.
	List(ctx context.Context, prefix string) (Listing, error)
	// Walk yields all objects under a prefix, in whatever folders, in order.
	Walk(ctx context.Context, prefix string) iter.Seq2[Object, error]
	// Open opens an object as it is stored, compressed.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// OpenURL opens the object that an s3:// URL in a record points to, as it is
	// stored. A copy in a folder is found whatever part of the bucket was copied.
	OpenURL(ctx context.Context, url string) (io.ReadCloser, error)
	// Name is what people and records call an object or a prefix: its path or
	// s3:// URL.
	Name(key string) string
}

// Listing is what lies directly under a prefix.
type Listing struct {
	Folders []string // names, without slashes
	Objects []Object
}

// Object is one object of a store.
type Object struct {
	Key  string
	Size int64 // bytes, as stored
}
