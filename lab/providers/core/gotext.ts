/** Texts as the original plugin, a Go program, words them. */

/** A string in quotes with everything escaped that would not print, like Go's %q. */
export function quote(text: string): string {
    const named: Record<string, string> = {
        '"': '\\"',
        "\\": "\\\\",
        "\x07": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\v": "\\v",
    };
    const escaped = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) => {
        const code = character.codePointAt(0) ?? 0;
        const hex = (digits: number) => code.toString(16).padStart(digits, "0");
        return named[character] ?? (code < 0x80 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
    });
    return `"${escaped}"`;
}

const reasons: Record<string, string> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset by peer",
    EHOSTUNREACH: "no route to host",
    ENETUNREACH: "network is unreachable",
    ETIMEDOUT: "connection timed out",
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
};

interface SystemError extends Error {
    code?: string;
    address?: string;
    port?: number;
    hostname?: string;
}

/** What Go's dialler says when a connection can't be made. */
export function dialError(cause: unknown, network: "tcp" | "unix", target: string): Error {
    const error = (cause instanceof AggregateError ? (cause.errors as unknown[])[0] : cause) as SystemError;
    if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
        const why = error.code === "ENOTFOUND" ? "no such host" : "Temporary failure in name resolution";
        return new Error(`dial ${network}: lookup ${error.hostname ?? target}: ${why}`);
    }
    const reached =
        error.address !== undefined && error.port !== undefined ? hostPort(error.address, error.port) : target;
    return new Error(`dial ${network} ${reached}: connect: ${reasons[error.code ?? ""] ?? error.message}`);
}

const signals: Record<string, string> = {
    SIGABRT: "aborted",
    SIGALRM: "alarm clock",
    SIGBUS: "bus error",
    SIGFPE: "floating point exception",
    SIGHUP: "hangup",
    SIGILL: "illegal instruction",
    SIGINT: "interrupt",
    SIGKILL: "killed",
    SIGPIPE: "broken pipe",
    SIGQUIT: "quit",
    SIGSEGV: "segmentation fault",
    SIGTERM: "terminated",
};

/** How a process ended, as Go words it. */
export function exitText(code: number | null, signal: NodeJS.Signals | null): string {
    return code === null ? `signal: ${signals[signal ?? ""] ?? signal ?? "unknown"}` : `exit status ${code}`;
}

export function hostPort(host: string, port: number): string {
    return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
