import { type Droplet, on } from "../test/support/lab";
import { type Seen, Visitor } from "./visitor";

/** What a change of version took, but for the time and memory of whoever made it. */
export interface Taken extends Seen {
    /** Bytes that went to the place for backups, on the wire. */
    readonly bytesSent: number;
    /** The most bytes on the server's disk at once, above those before. */
    readonly disk: number;
    /** The most bytes of memory on the server at once that no file is behind. */
    readonly memory: number;
    readonly connections: number;
}

const SAMPLES = "/run/bench-samples";
const REQUESTS_PER_SECOND = 20;

/** Counts of a droplet: SSH connections so far, bytes to that address so far. */
const counts = (target: string) =>
    `journalctl -u ssh -o cat | grep -c '^Accepted '; iptables -nvxL OUTPUT | awk '$NF == "${target}" { print $2; exit }'`;

/** Watches a droplet from its inside and from the outside. */
export class Meter {
    private constructor(
        private readonly droplet: Droplet,
        private readonly target: string,
        private readonly before: readonly number[],
        private readonly visitor: Visitor,
    ) {}

    static async start(droplet: Droplet): Promise<Meter> {
        const target = /@([\d.]+):/.exec(droplet.offsite.sftp.repository)?.[1] ?? "";
        // Of either version of control groups.
        const memory = "cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat 2>/dev/null";
        const sample = `${memory} | awk -v used=$(df -B1 --output=used / | tail -n 1) '/^(anon|total_rss) / { print used, $2; exit }'`;
        const before = await on(
            droplet,
            `iptables -C OUTPUT -d ${target} 2>/dev/null || iptables -I OUTPUT -d ${target}
            sync; ${counts(target)}; df -B1 --output=used / | tail -n 1
            setsid bash -c 'while sleep 0.3; do ${sample.replaceAll("'", `'\\''`)}; done' >${SAMPLES} 2>/dev/null </dev/null & echo $!`,
        );
        return new Meter(droplet, target, numbers(before), new Visitor(`${droplet.url}/login/`, REQUESTS_PER_SECOND));
    }

    async stop(): Promise<Taken> {
        const [connections = 0, sent = 0, used = 0, sampler = 0] = this.before;
        const seen = await this.visitor.end();
        const after = await on(
            this.droplet,
            `kill -- -${sampler} || kill ${sampler}; ${counts(this.target)}; cat ${SAMPLES}`,
        );
        const [connectionsNow = 0, sentNow = 0, ...samples] = numbers(after);
        const most = (offset: number) => Math.max(...samples.filter((_, index) => index % 2 === offset));
        return {
            ...seen,
            // Without the one that asked for this.
            connections: connectionsNow - connections - 1,
            bytesSent: sentNow - sent,
            disk: Math.max(0, most(0) - used),
            memory: most(1),
        };
    }
}

function numbers(text: string): number[] {
    return text.trim().split(/\s+/).map(Number);
}
