import { spawn } from "node:child_process";
import { endWithTests, killGroup } from "./process-groups";
import { Ended, root } from "./run";
import { Stack } from "./stack";

/** A `pulumi up` under way. */
export class Up {
    readonly ended: Promise<Ended>;
    readonly #group: number;

    constructor(stack: Stack) {
        const args = ["up", "--yes", "--stack", stack.name, "--non-interactive", "--color", "never"];
        const child = spawn("scripts/pulumi", args, { cwd: root, env: stack.environment, detached: true });
        endWithTests(child);
        this.#group = child.pid ?? Number.NaN;
        let output = "";
        const note = (data: Buffer) => (output += data.toString());
        child.stdout.on("data", note);
        child.stderr.on("data", note);
        this.ended = new Promise((resolve) => {
            child.on("close", (status) => resolve({ status, stdout: "", stderr: "", output }));
        });
    }

    /** Ends Pulumi, its language host and its plugins at once, as a closed laptop's kernel does. */
    kill(): void {
        killGroup(this.#group);
    }
}
