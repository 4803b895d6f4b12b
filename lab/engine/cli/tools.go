//go:build tools

// Package tools makes the Pulumi CLI a dependency of this module, so that go.sum has its checksums.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
