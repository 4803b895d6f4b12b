package main

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
)

// refusing resets new connections of those for whom the registry is gone, before anything is said.
type refusing struct {
	net.Listener
	faults faults
}

func (l refusing) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil || !l.faults.has(host(connection.RemoteAddr().String()), gone) {
			return connection, err
		}
		reset(connection)
	}
}

// hangUp resets the connection of a request that came over an earlier one.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if secure, ok := connection.(*tls.Conn); ok {
		connection = secure.NetConn()
	}
	reset(connection)
}

// reset closes without a farewell: the other side gets a TCP reset.
func reset(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

var errCut = errors.New("cut on purpose")

// cut fails after that many bytes of an answer's body, half of it for 0, and the connection ends. A shorter body passes.
type cut struct {
	http.ResponseWriter
	after   int
	started bool
}

func (c *cut) Write(data []byte) (int, error) {
	if !c.started {
		c.started = true
		if length, err := strconv.Atoi(c.Header().Get("Content-Length")); err == nil && c.after == 0 {
			c.after = (length + 1) / 2
		}
	}
	if len(data) <= c.after {
		c.after -= len(data)
		return c.ResponseWriter.Write(data)
	}
	_, _ = c.ResponseWriter.Write(data[:c.after])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	return c.after, errCut
}

// Unwrap lets Flush and the like through.
func (c *cut) Unwrap() http.ResponseWriter { return c.ResponseWriter }
