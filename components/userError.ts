// Not the package itself, which takes long to load and is not needed before the look at the server.
import { RunError } from "@pulumi/pulumi/errors";

/** A mistake the user can correct: Pulumi shows its sentences, and neither a stack trace nor the program's text. */
export class UserError extends RunError {
    constructor(message: string) {
        super(message);
        // Pulumi formats the stack before it leaves it out, and on a path such as node_modules/@pulumi/resource.ts, which its
        // source maps give, Node 20's coloured util.inspect loops until memory is full: 30 s and 2.7 GB for a typing error.
        this.stack = "";
        // Where an output waits for what was refused, Pulumi would put words of its own before the sentence.
        Object.defineProperty(this, "message", { get: () => message, set: () => undefined });
    }
}
