import { Droplet, on } from "./lab";

/** What people do with an instance while this program is at work: they write issues and upload files. */
export class People {
    constructor(private readonly droplet: Droplet) {}

    private async api(path: string, options: string): Promise<string> {
        const key = "Authorization: Bearer $(cat /root/specivo-api-key)";
        return on(this.droplet, `curl -fsS -H "${key}" ${options} ${this.droplet.url}/api/v1${path}`);
    }

    async writeIssue(subject: string): Promise<void> {
        const issue = JSON.stringify({ project: "OPS", subject, description: "Written by a test." });
        await this.api("/issues/", `-H 'content-type: application/json' -d '${issue}'`);
    }

    /** An attachment of that many random bytes on the first issue. */
    async attach(bytes: number): Promise<void> {
        await on(this.droplet, `head -c ${bytes} /dev/urandom >/root/attached.bin`);
        await this.api("/attachments/", "-F file=@/root/attached.bin -F container_type=issue -F container_id=1");
    }

    async subjects(): Promise<string[]> {
        const { items } = JSON.parse(await this.api("/issues/?per_page=100", "")) as { items: { subject: string }[] };
        return items.map(({ subject }) => subject);
    }
}
