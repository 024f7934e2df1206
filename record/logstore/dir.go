package logstore

import (
	"context"
	"io"
	"iter"
)

type dir struct{ root string }

// Dir is a folder with a copy of a bucket, or of a part of it. Symbolic links to
// files are followed, those to folders are not.
func Dir(path string) Store { return &dir{path} }

func (d *dir) Folders(context.Context, string) ([]string, error) { return nil, nil }
func (d *dir) Objects(context.Context, string, bool) iter.Seq2[Object, error] {
	return func(func(Object, error) bool) {}
}
func (d *dir) Open(context.Context, string) (io.ReadCloser, error)    { return nil, io.EOF }
func (d *dir) OpenURL(context.Context, string) (io.ReadCloser, error) { return nil, io.EOF }
func (d *dir) Name(key string) string                                 { return key }
