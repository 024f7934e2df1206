package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// server is a Python program that serves HTTP on the loopback interface. It
// leads a process group, so that what it starts ends with it.
type server struct {
	url     string
	logPath string
	cmd     *exec.Cmd
	line    *os.File // closing it ends the group; nil when detached
	dir     string   // its temporary files
	exited  chan struct{}
}

// program says what to run: args go to Python, healthPath answers 200 when the
// program is ready.
type program struct {
	name       string
	args       []string
	env        []string
	port       int
	healthPath string
	detached   bool
}

const startTimeout = 60 * time.Second

func startServer(ctx context.Context, root string, p program) (*server, error) {
	python := filepath.Join(root, ".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return nil, fmt.Errorf("emulator: %s is missing; run make install", python)
	}
	work := filepath.Join(root, ".work")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, fmt.Errorf("emulator: make the folder of the logs: %w", err)
	}
	dir, err := os.MkdirTemp(work, p.name+"-")
	if err != nil {
		return nil, fmt.Errorf("emulator: make a temporary folder: %w", err)
	}
	s := &server{
		url:     fmt.Sprintf("http://127.0.0.1:%d", p.port),
		logPath: filepath.Join(work, p.name+".log"),
		dir:     dir,
		exited:  make(chan struct{}),
	}
	if err := s.run(python, filepath.Join(root, "test", "e2e", "emulator", "lifeline.py"), p); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.awaitHealthy(ctx, s.url+p.healthPath); err != nil {
		return nil, errors.Join(fmt.Errorf("emulator: %s: %w; its log is %s", p.name, err, s.logPath), s.stop())
	}
	return s, nil
}

func (s *server) run(python, lifeline string, p program) error {
	log, err := os.Create(s.logPath)
	if err != nil {
		return fmt.Errorf("emulator: make the log: %w", err)
	}
	defer log.Close()
	args := p.args
	if !p.detached {
		args = append([]string{lifeline}, args...)
	}
	s.cmd = exec.Command(python, args...)
	s.cmd.Env = append(p.env, "TMPDIR="+s.dir, "PYTHONDONTWRITEBYTECODE=1")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	// A session of its own is a process group of its own that no closed terminal
	// ends.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if !p.detached {
		read, write, err := os.Pipe()
		if err != nil {
			return fmt.Errorf("emulator: make the lifeline: %w", err)
		}
		defer read.Close()
		s.cmd.Stdin, s.line = read, write
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("emulator: start %s: %w", p.name, err)
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is in its log
		close(s.exited)
	}()
	return nil
}

func (s *server) awaitHealthy(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.exited:
			return errors.New("ended while starting")
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the whole process group and removes its temporary files. The log
// stays.
func (s *server) stop() error {
	err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		err = nil // ended by itself
	}
	<-s.exited
	if s.line != nil {
		s.line.Close()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// freePort returns a loopback port that was free a moment ago: neither server
// can pick one itself and say which.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("emulator: find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// findRoot walks up from the working directory to the folder that pins the
// Python requirements.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("emulator: find the checkout: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "requirements.txt")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("emulator: no requirements.txt in %s or above; run from inside the checkout", start)
		}
	}
}

// withoutAWS drops the caller's own AWS settings, so that no real account is
// ever reached by accident.
func withoutAWS(env []string) []string {
	var kept []string
	for _, variable := range env {
		if !strings.HasPrefix(variable, "AWS_") {
			kept = append(kept, variable)
		}
	}
	return kept
}
