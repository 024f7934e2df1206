package logstore_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/record/logstore"
	"github.com/bedrock-paper-trail/paper-trail/record/recordtest"
)

func client(url string) *s3.Client {
	return s3.New(s3.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(url), UsePathStyle: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// startMoto starts a moto server and returns its URL.
func startMoto(t *testing.T) string {
	t.Helper()
	python, err := filepath.Abs("../../.venv/bin/python")
	require.NoError(t, err)
	_, err = os.Stat(python)
	require.NoError(t, err, "run: make install")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())

	server := exec.Command(python, "-m", "moto.server", "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	require.Eventually(t, func() bool {
		answer, err := http.Get(url + "/moto-api/")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, time.Minute, 50*time.Millisecond, "moto does not answer")
	return url
}

func TestReadsABucketOfMoto(t *testing.T) {
	t.Parallel()
	s3Client := client(startMoto(t))
	_, err := s3Client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("invocation-logs"), CreateBucketConfiguration: inIreland})
	require.NoError(t, err)
	written, put := sizes(func(key string, content []byte) error {
		_, err := s3Client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("invocation-logs"), Key: aws.String(key), Body: bytes.NewReader(content),
		})
		return err
	})
	traffic := everything()
	traffic.Records, traffic.Hours = 500, 8 // moto is slow
	truth, err := traffic.Write(t.Context(), put)
	require.NoError(t, err)
	store := logstore.S3(s3Client, "invocation-logs", "/trail/")
	stats, ids := read(t, logstore.Reader{Store: store})
	requireTruth(t, truth, *written, stats, ids)
	assert.Contains(t, stats.Broken[0].Object, "s3://invocation-logs/trail/AWSLogs/")

	example := truth.Examples[3]
	events, _, err := logstore.FindEvents(t.Context(), store, logstore.Range{From: example.At, To: example.At.Add(1)}, example.RequestID)
	require.NoError(t, err)
	assert.NotEmpty(t, events)
	requireBodies(t, store)

	_, err = (&logstore.Reader{Store: logstore.S3(s3Client, "no-such-bucket", "")}).Each(t.Context(), nil)
	assert.ErrorContains(t, err, "list s3://no-such-bucket/")
	assert.ErrorContains(t, err, "NoSuchBucket")
}

// fakeS3 lists and gets, a few keys a page, and breaks connections.
type fakeS3 struct {
	objects map[string][]byte
	// breakAfter returns after how many bytes a download breaks, if at all.
	breakAfter func(key string, from int) (int, bool)

	mu     sync.Mutex
	ranges []string
}

func (f *fakeS3) put(key string, content []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[key] = bytes.Clone(content)
	return nil
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("list-type") == "2" {
		f.list(w, r)
		return
	}
	key := strings.TrimPrefix(r.URL.Path, "/logs/")
	content, ok := f.objects[key]
	if !ok {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "<Error><Code>NoSuchKey</Code></Error>")
		return
	}
	from := 0
	if span := r.Header.Get("Range"); span != "" {
		from, _ = strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(span, "bytes="), "-"))
		f.mu.Lock()
		f.ranges = append(f.ranges, r.Header.Get("If-Match")+" "+span)
		f.mu.Unlock()
	}
	if r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != `"one"` {
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	w.Header().Set("ETag", `"one"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	end, breaks := f.breakAfter(key, from)
	if breaks {
		w.Write(content[from:min(from+end, len(content))])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(content[from:])
}

func (f *fakeS3) list(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Key  string
		Size int
	}
	type folder struct{ Prefix string }
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []entry
		CommonPrefixes        []folder
	}
	prefix, delimiter := r.URL.Query().Get("prefix"), r.URL.Query().Get("delimiter")
	after := r.URL.Query().Get("continuation-token")
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(f.objects)) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		name, grouped := key, false
		if at := strings.Index(key[len(prefix):], "/"); delimiter != "" && at >= 0 {
			name, grouped = key[:len(prefix)+at+1], true
		}
		if name <= after || seen[name] {
			continue
		}
		if len(seen) == 3 { // a page is full
			page.IsTruncated = true
			break
		}
		seen[name] = true
		page.NextContinuationToken = name
		if grouped {
			page.CommonPrefixes = append(page.CommonPrefixes, folder{name})
		} else {
			page.Contents = append(page.Contents, entry{key, len(f.objects[key])})
		}
	}
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(page)
}

func serve(t *testing.T, breakAfter func(key string, from int) (int, bool)) (*fakeS3, *s3.Client) {
	t.Helper()
	fake := &fakeS3{objects: map[string][]byte{}, breakAfter: breakAfter}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return fake, client(server.URL)
}

func TestPagesThroughListings(t *testing.T) {
	t.Parallel()
	fake, s3Client := serve(t, func(string, int) (int, bool) { return 0, false })
	written, put := sizes(fake.put)
	truth, err := everything().Write(t.Context(), put)
	require.NoError(t, err)
	fake.objects["trail/AWSLogs/"] = nil // as the console makes folders
	stats, ids := read(t, logstore.Reader{Store: logstore.S3(s3Client, "logs", "trail"), Workers: 4})
	requireTruth(t, truth, *written, stats, ids)
}

func TestTakesBrokenDownloadsUpWhereTheyBroke(t *testing.T) {
	t.Parallel()
	fake, s3Client := serve(t, func(_ string, from int) (int, bool) { return 1500, from < 4000 })
	written, put := sizes(fake.put)
	truth, err := everything().Write(t.Context(), put)
	require.NoError(t, err)
	stats, ids := read(t, logstore.Reader{Store: logstore.S3(s3Client, "logs", "trail")})
	requireTruth(t, truth, *written, stats, ids)
	assert.Contains(t, fake.ranges, `"one" bytes=1500-`)
	assert.Contains(t, fake.ranges, `"one" bytes=3000-`)
}

func TestReportsADownloadThatKeepsBreaking(t *testing.T) {
	t.Parallel()
	fake, s3Client := serve(t, func(_ string, from int) (int, bool) { return 700 * (1 - min(from, 1)), true })
	_, err := recordtest.Traffic{Records: 50, Hours: 1, Regions: []string{"eu-west-1"}, RecordsPerObject: 10}.Write(t.Context(), fake.put)
	require.NoError(t, err)
	stats, _ := read(t, logstore.Reader{Store: logstore.S3(s3Client, "logs", "")})
	assert.EqualValues(t, 5, stats.Objects)
	assert.EqualValues(t, 5, stats.BrokenObjects)
	assert.ErrorIs(t, stats.Broken[0].Err, io.ErrUnexpectedEOF)
	assert.EqualValues(t, 5*700, stats.Bytes)
	assert.Len(t, fake.ranges, 5*3)
}

func TestAnObjectThatVanishedIsReported(t *testing.T) {
	t.Parallel()
	fake, s3Client := serve(t, func(string, int) (int, bool) { return 0, false })
	_, err := recordtest.Traffic{Records: 500}.Write(t.Context(), fake.put)
	require.NoError(t, err)
	vanishing := vanishes{s3Client}
	stats, _ := read(t, logstore.Reader{Store: logstore.S3(vanishing, "logs", "")})
	assert.Equal(t, stats.Objects, stats.BrokenObjects)
	assert.Zero(t, stats.Records)
	assert.ErrorContains(t, stats.Broken[0].Err, "NoSuchKey")
}

// vanishes is a bucket whose objects are gone once they are listed.
type vanishes struct{ *s3.Client }

func (v vanishes) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	gone := *in
	gone.Key = aws.String("gone/" + *in.Key)
	return v.Client.GetObject(ctx, &gone, opts...)
}

var inIreland = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraintEuWest1}
