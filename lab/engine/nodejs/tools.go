//go:build tools

// Package tools makes Pulumi's language host for Node a dependency of this module, so that go.sum has its checksums.
// It has a module of its own because it and the CLI ask for different versions of what they share.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
