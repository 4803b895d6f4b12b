/**
 * The parts of `@pulumi/pulumi` that are needed before the look at the server. The package's own index takes 0.3 s to load, most of it
 * for the Automation API and npm's dependency solver; whoever needs it imports it, while the server is looked at.
 */
export { Config } from "@pulumi/pulumi/config";
export * as log from "@pulumi/pulumi/log";
export { getOrganization, getProject, getStack } from "@pulumi/pulumi/metadata";
export { type Input, type Output, output, secret } from "@pulumi/pulumi/output";
export type { CustomResourceOptions } from "@pulumi/pulumi/resource";
export * as config from "@pulumi/pulumi/runtime/config";
export { isDryRun } from "@pulumi/pulumi/runtime/settings";
export { StackReference } from "@pulumi/pulumi/stackReference";
