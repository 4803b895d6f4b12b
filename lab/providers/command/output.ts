import type { Log } from "../core/log";

/** What a command wrote, kept as bytes until it has ended: a chunk may stop in the middle of a character. */
export class Output {
    private readonly out: Buffer[] = [];
    private readonly err: Buffer[] = [];
    private readonly both: Buffer[] = [];
    private line = Buffer.alloc(0);

    constructor(
        private readonly log: Log,
        private readonly logging: string | undefined,
    ) {}

    stdout(chunk: Buffer): void {
        this.add(this.out, chunk, ["stdout", "stdoutAndStderr"]);
    }

    stderr(chunk: Buffer): void {
        this.add(this.err, chunk, ["stderr", "stdoutAndStderr"]);
    }

    /** To be called once, when the command has ended: a last line without a newline is a line too. */
    end(): { stdout: string; stderr: string; both: string } {
        if (this.line.length > 0) {
            this.log.status(this.line.toString());
        }
        const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
        const trimmed = (chunks: Buffer[]) => text(chunks).replace(/\n$/, "");
        return { stdout: trimmed(this.out), stderr: trimmed(this.err), both: text(this.both) };
    }

    private add(stream: Buffer[], chunk: Buffer, loggedBy: string[]): void {
        stream.push(chunk);
        this.both.push(chunk);
        if (this.logging !== undefined && !loggedBy.includes(this.logging)) {
            return;
        }
        let start = 0;
        for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
            const line = Buffer.concat([this.line, chunk.subarray(start, end)]).toString();
            this.log.status(line.replace(/\r$/, ""));
            this.line = Buffer.alloc(0);
            start = end + 1;
        }
        this.line = Buffer.concat([this.line, chunk.subarray(start)]);
    }
}
