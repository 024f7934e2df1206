package logstore

import (
	"context"
	"io"
	"iter"
)

// Store is where the objects are: [Dir] or [S3]. Keys are separated by slashes,
// and prefixes end in one, save the empty prefix, which is the whole store.
type Store interface {
	// Folders returns the names of the folders directly under a prefix, without
	// slashes, sorted. A prefix with nothing under it has none.
	Folders(ctx context.Context, prefix string) ([]string, error)
	// Objects yields what is under a prefix. With deep, folders within it are
	// included; without, only what lies directly under it is.
	Objects(ctx context.Context, prefix string, deep bool) iter.Seq2[Object, error]
	// Open opens an object as it is stored, compressed.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// OpenURL opens the object that an s3:// URL in a record points to, as it is
	// stored. A copy in a folder is found whatever part of the bucket was copied.
	OpenURL(ctx context.Context, url string) (io.ReadCloser, error)
	// Name is what people and records call an object: its path or s3:// URL.
	Name(key string) string
}

// Object is one object of a store.
type Object struct {
	Key  string
	Size int64 // bytes, as stored
}
