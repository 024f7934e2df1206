package logstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

type dir struct{ root string }

var _ Store = (*dir)(nil)

// Dir is a folder with a copy of a bucket, or of a part of it, as deep as one
// hour. Symbolic links to files are followed, those to folders are not.
func Dir(path string) Store { return &dir{filepath.Clean(path)} }

func (d *dir) List(_ context.Context, prefix string) (Listing, error) {
	var out Listing
	entries, err := os.ReadDir(d.path(prefix))
	if errors.Is(err, fs.ErrNotExist) && prefix != "" {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			out.Folders = append(out.Folders, entry.Name())
			continue
		}
		object, isFile, err := d.object(prefix+entry.Name(), entry)
		if err != nil {
			return out, err
		}
		if isFile {
			out.Objects = append(out.Objects, object)
		}
	}
	return out, nil
}

func (d *dir) Walk(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		listing, err := d.List(ctx, prefix)
		if err != nil {
			yield(Object{}, err)
			return
		}
		for _, object := range listing.Objects {
			if ctx.Err() != nil || !yield(object, nil) {
				return
			}
		}
		for _, folder := range listing.Folders {
			for object, err := range d.Walk(ctx, prefix+folder+"/") {
				if !yield(object, err) || err != nil {
					return
				}
			}
		}
	}
}

// object also looks behind a symbolic link. What is gone by now is found out when
// it is opened, and reported like all that cannot be read.
func (d *dir) object(key string, entry fs.DirEntry) (_ Object, isFile bool, err error) {
	info, err := entry.Info()
	if entry.Type()&fs.ModeSymlink != 0 {
		info, err = os.Stat(d.path(key))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Object{Key: key}, true, nil
	}
	if err != nil {
		return Object{}, false, err
	}
	return Object{Key: key, Size: info.Size()}, info.Mode().IsRegular(), nil
}

func (d *dir) Open(_ context.Context, key string) (io.ReadCloser, error) {
	return os.Open(d.path(key))
}

func (d *dir) OpenURL(_ context.Context, reference string) (io.ReadCloser, error) {
	_, key, err := splitURL(reference)
	if err != nil {
		return nil, err
	}
	// The folder may be a copy of the bucket or of any folder in it.
	for rest := key; ; {
		if filepath.IsLocal(filepath.FromSlash(rest)) {
			file, err := os.Open(d.path(rest))
			if !errors.Is(err, fs.ErrNotExist) {
				return file, err
			}
		}
		_, after, more := strings.Cut(rest, "/")
		if !more {
			return nil, fmt.Errorf("%s is not in %s: %w; copy its data folder as well", reference, d.root, fs.ErrNotExist)
		}
		rest = after
	}
}

func (d *dir) Name(key string) string {
	name := filepath.ToSlash(d.path(key))
	if strings.HasSuffix(key, "/") || key == "" {
		name += "/"
	}
	return name
}

func (d *dir) path(key string) string { return filepath.Join(d.root, filepath.FromSlash(key)) }

// splitURL takes an s3:// URL apart.
func splitURL(reference string) (bucket, key string, err error) {
	rest, isS3 := strings.CutPrefix(reference, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !isS3 || bucket == "" || key == "" {
		return "", "", &url.Error{Op: "open", URL: reference, Err: errors.New("not of the form s3://BUCKET/KEY")}
	}
	return bucket, key, nil
}
