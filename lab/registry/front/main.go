// The lab's registry as droplets reach it: TLS under the names of Docker Hub, everything handed on to Docker's own
// registry behind it, except for droplets that someone has given a fault of the registry.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
)

var (
	manifest = regexp.MustCompile(`^/v2/.+/manifests/[^/]+$`)
	blob     = regexp.MustCompile(`^/v2/.+/blobs/sha256:[0-9a-f]+$`)
)

type front struct {
	faults   faults
	registry http.Handler
}

func (f front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	client := host(r.RemoteAddr)
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	if f.faults.has(client, gone) {
		hangUp(w)
		return
	}
	if f.faults.has(client, broken) {
		refuse(w, http.StatusInternalServerError, "UNKNOWN", "unknown error")
		return
	}
	if reading && manifest.MatchString(r.URL.Path) && f.faults.has(client, limited) {
		w.Header().Set("Ratelimit-Limit", "100;w=21600")
		w.Header().Set("Ratelimit-Remaining", "0;w=21600")
		// The Hub counts and refuses downloads of manifests; looks at their heads stay free.
		if r.Method == http.MethodGet {
			refuse(w, http.StatusTooManyRequests, "TOOMANYREQUESTS",
				"You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit")
			return
		}
	}
	if f.faults.has(client, slow) {
		kilobits := func() int { return f.faults.number(client, slow) }
		w = &slowed{ResponseWriter: w, request: r, pace: paceOf(client), kilobits: kilobits}
	}
	if r.Method == http.MethodGet && blob.MatchString(r.URL.Path) && f.faults.has(client, cuts) {
		w = &cut{ResponseWriter: w, after: f.faults.number(client, cuts)}
	}
	f.registry.ServeHTTP(w, r)
}

// refuse answers with an error in the form of the registry's API.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"errors":[{"code":"` + code + `","message":"` + message + `"}]}` + "\n"))
}

// host is the address without its port.
func host(address string) string {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return name
}

func main() {
	registry := flag.String("registry", "", "base URL of the registry behind, such as http://192.0.2.5")
	directory := flag.String("faults", "", "folder of the faults: ADDRESS/KIND, with the fault's value in the file")
	certificate := flag.String("certificate", "", "file of the TLS certificate")
	key := flag.String("key", "", "file of its key")
	flag.Parse()
	if *registry == "" || *directory == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	behind, err := url.Parse(*registry)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", ":443")
	if err != nil {
		log.Fatal(err)
	}
	served := faults(*directory)
	server := http.Server{
		Handler: front{faults: served, registry: &httputil.ReverseProxy{
			// The host stays as the client named it: the registry builds the addresses that it answers with from it.
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(behind)
				r.Out.Host = r.In.Host
				r.Out.Header.Set("X-Forwarded-Proto", "https")
			},
		}},
		// One request after the other on a connection, so that breaking it off ends nothing but this one.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	log.Fatal(server.ServeTLS(refusing{listener, served}, *certificate, *key))
}
