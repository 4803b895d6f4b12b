/** Version that an asset says it is of, as the stand-in's release build writes it there. */
const VERSION = /^\/\* Specivo (\S+) \*\//;

interface Visit {
    readonly started: number;
    readonly ended: number;
    readonly version: string;
}

/** People who read pages all the time: each visit is a page, then the style sheet and the script that it links. */
export class Load {
    private readonly visits: Visit[] = [];
    private readonly failures: string[] = [];
    private readonly open = new Set<Promise<void>>();
    private readonly timer: NodeJS.Timeout;
    private count = 0;

    /** Asks that often a second, from outside, until `end`. */
    constructor(
        private readonly url: string,
        requestsPerSecond: number,
    ) {
        this.timer = setInterval(() => {
            const visit = this.visit().finally(() => this.open.delete(visit));
            this.open.add(visit);
        }, 3000 / requestsPerSecond);
        // A test that fails before its end must not keep the process.
        this.timer.unref();
    }

    /** How many requests there were, those that failed, and visits that saw the old version after another had seen the new one. */
    async end(): Promise<{
        requests: number;
        failures: readonly string[];
        mixed: readonly string[];
        versions: string[];
    }> {
        clearInterval(this.timer);
        await Promise.all(this.open);
        const byStart = this.visits.toSorted((one, other) => one.started - other.started);
        const versions = [...new Set(byStart.map(({ version }) => version))];
        const seenAt = Math.min(
            ...this.visits.filter(({ version }) => version === versions[1]).map(({ ended }) => ended),
        );
        const mixed = byStart
            .filter(({ started, version }) => started > seenAt && version !== versions[1])
            .map(({ started, version }) => `${version} ${Math.round(started - seenAt)} ms after ${versions[1] ?? ""}`);
        return { requests: this.count, failures: this.failures, mixed, versions };
    }

    private async visit(): Promise<void> {
        const started = performance.now();
        const page = await this.get("/login/");
        const links = [...page.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(([, link]) => link ?? "");
        const ended = performance.now();
        const assets = await Promise.all(links.map((link) => this.get(link)));
        const versions = new Set(
            assets.filter((text) => text !== "").map((text) => VERSION.exec(text)?.[1] ?? "no version"),
        );
        if (versions.size > 1) {
            this.failures.push(`a page with assets of ${[...versions].join(" and ")}`);
        }
        for (const version of versions) {
            this.visits.push({ started, ended, version });
        }
    }

    /** The body; empty when it failed. */
    private async get(path: string): Promise<string> {
        this.count++;
        try {
            const response = await fetch(this.url + path, { signal: AbortSignal.timeout(30_000) });
            const text = await response.text();
            if (response.status === 200) {
                return text;
            }
            this.failures.push(`${path}: ${response.status}`);
        } catch (error) {
            const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
            this.failures.push(`${path}: ${String(error)} ${cause}`);
        }
        return "";
    }
}
