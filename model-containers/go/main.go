// A container in Go, written from the wire's prose (../README.md) and its golden bytes alone: the wire stands in wire.go,
// the life of the process here, and the model, which is all that an author writes, in model.go.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

type container struct {
	hello     map[string]any
	model     model
	owned     bool
	leaving   atomic.Bool
	computing sync.Mutex // one batch at a time
	links     sync.Map   // net.Conn of each worker connection
}

// reply computes one batch and writes its rows and its done; a model that panics fails its batch, and lives on.
func (c *container) reply(conn net.Conn, f frame) (err error) {
	b, err := readBatch(f)
	if err != nil {
		return err
	}
	c.computing.Lock()
	defer c.computing.Unlock()
	defer func() {
		if cause := recover(); cause != nil {
			log.Printf("panic: %v\n%s", cause, debug.Stack())
			failure := map[string]any{"code": "model_error", "message": fmt.Sprint("panic: ", cause)}
			_, err = conn.Write(encode(kindDone, f.N, map[string]any{"compute_us": 0, "credit": 1, "error": failure}))
		}
	}()
	began := time.Now()
	outputs, err := c.model.predict(int(b.Rows), b.Inputs)
	if b.Outputs != nil && err == nil {
		outputs = slices.DeleteFunc(slices.Clone(outputs), func(t Tensor) bool { return !slices.Contains(b.Outputs, t.Name) })
		if len(outputs) != len(b.Outputs) {
			err = fmt.Errorf("not all of the outputs %q exist", b.Outputs)
		}
	}
	done := map[string]any{"compute_us": time.Since(began).Microseconds(), "credit": 1}
	if err != nil {
		done["error"] = map[string]any{"code": "bad_input", "message": err.Error()}
	} else {
		at := make([]int, int(b.Rows))
		for row := range at {
			at[row] = row
		}
		conn.Write(encode(kindRows, f.N, map[string]any{"at": at, "outputs": outputs}, outputs...))
	}
	_, err = conn.Write(encode(kindDone, f.N, done))
	return err
}

// greet dials, says hello and waits for the welcome; it also returns how often to send heartbeats.
func (c *container) greet(address, role string) (conn net.Conn, r *bufio.Reader, every time.Duration, err error) {
	network, where, _ := strings.Cut(address, ":")
	if conn, err = net.Dial(network, strings.TrimPrefix(where, "//")); err != nil {
		return
	}
	hello := maps.Clone(c.hello)
	hello["role"] = role
	r = bufio.NewReaderSize(conn, 1<<16)
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	defer conn.SetReadDeadline(time.Time{})
	conn.Write(encode(kindHello, 0, hello))
	var welcome struct {
		HeartbeatMs float64 `msgpack:"heartbeat_ms"`
	}
	f, err := readFrame(r)
	if err = errors.Join(err, msgpack.Unmarshal(f.header, &welcome)); err != nil || f.Kind != kindWelcome {
		conn.Close()
		err = errors.Join(err, fmt.Errorf("not welcome: %q", f.header))
	}
	return conn, r, time.Duration(max(1, welcome.HeartbeatMs) * 1e6), err
}

// work serves one broker until the connection ends; nil says that it was drained.
func (c *container) work(conn net.Conn, r *bufio.Reader) error {
	defer conn.Close()
	c.links.Store(conn, true)
	defer c.links.Delete(conn)
	conn.Write(encode(kindCredit, 0, map[string]any{"n": 1}))
	for {
		f, err := readFrame(r)
		if err == nil && f.Kind == kindBatch {
			err = c.reply(conn, f)
		} else if err == nil && f.Kind == kindDrain {
			c.leaving.Store(true)
			conn.Write(encode(kindGoodbye, 0, map[string]any{"code": "drained", "message": ""}))
			return nil
		} else if err == nil && slices.Contains(fromContainers, f.Kind) {
			err = fmt.Errorf("frame kind %d goes from container to broker only", f.Kind)
		}
		if err != nil {
			conn.Write(encode(kindGoodbye, 0, map[string]any{"code": "protocol_error", "message": err.Error()}))
			return err
		}
	}
}

// watch sends heartbeats on a connection of its own; an owned process is killed when that ends, or when its parent did.
func (c *container) watch(address string, parent int) {
	conn, _, every, err := c.greet(address, "watchdog")
	for err == nil && (!c.owned || os.Getppid() == parent) {
		if _, err = conn.Write(encode(kindHeartbeat, 0, nil)); err == nil {
			time.Sleep(every)
		}
	}
	if c.owned && !c.leaving.Load() {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

// dial keeps one worker connection to a broker; it returns once drained, or when an owned one's broker is gone.
func (c *container) dial(address string) error {
	parent := os.Getppid()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		conn, r, _, err := c.greet(address, "worker")
		if err == nil {
			wait = 50 * time.Millisecond
			go c.watch(address, parent)
			err = c.work(conn, r)
		}
		if err == nil || c.owned {
			return err
		}
		time.Sleep(wait)
	}
}

// fromEnvironment reads what every container is told at its start.
func fromEnvironment() (c *container, err error) {
	version, _ := strconv.Atoi(os.Getenv("TRADEWIND_VERSION"))
	hello := map[string]any{"wire": 1, "model": os.Getenv("TRADEWIND_MODEL"), "version": max(1, version), "pid": os.Getpid(), "kit": "go 1"}
	if fd, err := strconv.Atoi(os.Getenv("TRADEWIND_TOKEN_FD")); err == nil {
		pipe := os.NewFile(uintptr(fd), "token")
		token, _ := io.ReadAll(pipe)
		pipe.Close()
		hello["token"] = string(token)
	}
	c = &container{hello: hello, owned: os.Getenv("TRADEWIND_OWNED") == "1"}
	for name, into := range map[string]any{"TRADEWIND_OPTIONS": &c.model, "TRADEWIND_INPUT": &c.model.inputs} {
		if text := os.Getenv(name); text != "" {
			err = errors.Join(err, json.Unmarshal([]byte(text), into))
		}
	}
	hello["inputs"], hello["outputs"] = c.model.signature()
	if os.Getenv("TRADEWIND_CONNECT") == "" {
		err = errors.Join(err, errors.New("TRADEWIND_CONNECT must say where the broker is: this container dials"))
	}
	return c, err
}

func main() {
	c, err := fromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	brokers, ended := strings.Split(os.Getenv("TRADEWIND_CONNECT"), ","), make(chan error)
	for _, broker := range brokers {
		go func(broker string) { ended <- c.dial(broker) }(broker)
	}
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	go func() {
		<-terminated
		c.leaving.Store(true)
		c.computing.Lock() // The batch under way is answered first.
		for conn := range c.links.Range {
			conn.(net.Conn).Write(encode(kindGoodbye, 0, map[string]any{"code": "drained", "message": ""}))
		}
		os.Exit(0)
	}()
	for range brokers {
		if err := <-ended; err != nil {
			log.Fatal(err)
		}
	}
}
