package main

import (
	"net/http"
	"sync"
	"time"
)

// pace is a line of some speed that all connections of one droplet share: when it is free again.
type pace struct {
	mutex sync.Mutex
	free  time.Time
}

var paces sync.Map

func paceOf(client string) *pace {
	found, _ := paces.LoadOrStore(client, &pace{})
	return found.(*pace)
}

// book takes the line for as long as that many bytes need, and returns when they will have passed.
func (p *pace) book(bytes, kilobits int) time.Time {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if now := time.Now(); p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(bytes) * 8 * time.Millisecond / time.Duration(kilobits))
	return p.free
}

// slowed hands an answer's body out at a speed that is asked for again at each piece: 0 is the full one.
type slowed struct {
	http.ResponseWriter
	request  *http.Request
	pace     *pace
	kilobits func() int
}

func (s *slowed) Write(data []byte) (int, error) {
	written := 0
	for written < len(data) {
		piece := data[written:]
		if kilobits := s.kilobits(); kilobits > 0 {
			// About ten pieces a second.
			piece = piece[:min(len(piece), max(64, kilobits*125/10))]
			select {
			case <-time.After(time.Until(s.pace.book(len(piece), kilobits))):
			case <-s.request.Context().Done():
				return written, s.request.Context().Err()
			}
		}
		count, err := s.ResponseWriter.Write(piece)
		written += count
		if err != nil {
			return written, err
		}
		_ = http.NewResponseController(s.ResponseWriter).Flush()
	}
	return written, nil
}

// Unwrap lets Flush and the like through.
func (s *slowed) Unwrap() http.ResponseWriter { return s.ResponseWriter }
