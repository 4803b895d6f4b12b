import type { Log } from "../core/log";

/** Bytes of one logged line at which the original stops reading: it then hangs for good, whatever the command does. */
const TOO_LONG = 64 * 1024;

/** What a command wrote, once it has ended. */
export interface Written {
    readonly stdout: string;
    readonly stderr: string;
    readonly both: string;
    /** Why the original would not come to an end. */
    readonly hangs: string | undefined;
}

/** What a command wrote, kept as bytes until it has ended: a chunk may stop in the middle of a character. */
export class Output {
    private readonly out: Buffer[] = [];
    private readonly err: Buffer[] = [];
    private readonly both: Buffer[] = [];
    private line = Buffer.alloc(0);
    private hangs: string | undefined;

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
    end(): Written {
        if (this.line.length > 0) {
            this.ended(this.line);
        }
        const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
        const trimmed = (chunks: Buffer[]) => text(chunks).replace(/\n$/, "");
        return { stdout: trimmed(this.out), stderr: trimmed(this.err), both: text(this.both), hangs: this.hangs };
    }

    private add(stream: Buffer[], chunk: Buffer, loggedBy: string[]): void {
        stream.push(chunk);
        this.both.push(chunk);
        if (this.logging !== undefined && !loggedBy.includes(this.logging)) {
            return;
        }
        let start = 0;
        for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
            this.ended(Buffer.concat([this.line, chunk.subarray(start, end)]));
            this.line = Buffer.alloc(0);
            start = end + 1;
        }
        this.line = Buffer.concat([this.line, chunk.subarray(start)]);
        if (this.line.length >= TOO_LONG) {
            this.ended(this.line);
            this.line = Buffer.alloc(0);
        }
    }

    private ended(line: Buffer): void {
        if (line.length >= TOO_LONG) {
            this.hangs = "a logged line is 64 KiB or longer, over which the original of this stand-in hangs";
        }
        if (this.hangs === undefined) {
            this.log.status(line.toString().replace(/\r$/, ""));
        }
    }
}
