import { spawn } from "node:child_process";
import type { Context } from "../core/plugin";
import { reveal, type Props } from "../core/values";
import { exitText, quote } from "../core/gotext";
import { Output } from "./output";
import type { Ran } from "./resource";

interface LocalInputs {
    readonly stdin?: string;
    readonly logging?: string;
    readonly interpreter?: string[];
    readonly dir?: string;
    readonly environment?: Record<string, string>;
    readonly addPreviousOutputInEnv?: boolean;
    readonly stdout?: string;
    readonly stderr?: string;
}

/** Runs one command on this machine, in the program's own directory unless told otherwise. */
export function runLocal(command: string, state: Props, context: Context): Promise<Ran> {
    const inputs = reveal(state) as LocalInputs;
    const interpreter = inputs.interpreter ?? [];
    const [program, ...args] = [...(interpreter.length > 0 ? interpreter : ["/bin/sh", "-c"]), command] as [string];
    const output = new Output(context.log, inputs.logging);
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, {
            cwd: inputs.dir,
            env: { ...process.env, ...inputs.environment, ...previousOutput(inputs) },
            signal: context.cancelled,
            killSignal: "SIGKILL",
        });
        const fail = (why: string, { both } = output.end()) =>
            reject(new Error(`${why}: running ${quote(command)}:\n${both}`));
        child.stdout.on("data", (chunk: Buffer) => output.stdout(chunk));
        child.stderr.on("data", (chunk: Buffer) => output.stderr(chunk));
        // A command may end without having read all of its stdin.
        child.stdin.on("error", () => undefined);
        child.once("error", (error) => fail(error.name === "AbortError" ? "signal: killed" : error.message));
        child.once("close", (code, signal) => {
            const written = output.end();
            if (written.hangs !== undefined) {
                fail(written.hangs, written);
            } else if (code === 0) {
                resolve({ stdout: written.stdout, stderr: written.stderr });
            } else {
                fail(exitText(code, signal), written);
            }
        });
        child.stdin.end(inputs.stdin ?? "");
    });
}

function previousOutput(inputs: LocalInputs): Record<string, string> {
    if (inputs.addPreviousOutputInEnv === false) {
        return {};
    }
    return {
        ...(inputs.stdout ? { PULUMI_COMMAND_STDOUT: inputs.stdout } : {}),
        ...(inputs.stderr ? { PULUMI_COMMAND_STDERR: inputs.stderr } : {}),
    };
}
