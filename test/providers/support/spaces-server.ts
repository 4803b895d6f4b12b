import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { listen } from "./listen";

const MISSING: Record<string, string> = {
    versioning: "<VersioningConfiguration/>",
    location: "<LocationConstraint></LocationConstraint>",
};

/** The part of S3's API that settings of buckets need: what was put is what is got. Signatures are not looked at. */
export class SpacesServer {
    /** Settings of each bucket. */
    readonly buckets = new Map<string, Map<string, string>>();

    private constructor(
        private readonly server: Server,
        readonly port: number,
    ) {}

    static async start(): Promise<SpacesServer> {
        const server = createServer();
        const spaces = new SpacesServer(server, await listen(server));
        server.on("request", (request, response) => {
            let body = "";
            request.on("data", (data: Buffer) => (body += data.toString()));
            request.on("end", () => {
                const [status, text] = spaces.answer(request.method ?? "", request.url ?? "", request.headers, body);
                response.writeHead(status, { "content-type": "application/xml" }).end(text);
            });
        });
        return spaces;
    }

    get endpoint(): string {
        return `http://localhost:${this.port}`;
    }

    stop(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    private answer(method: string, address: string, headers: IncomingHttpHeaders, body: string): [number, string] {
        const url = new URL(address, "http://spaces");
        const [inHost] = /^([a-z0-9-]+)\.localhost/.exec(headers.host ?? "")?.slice(1) ?? [];
        const name = inHost ?? url.pathname.split("/")[1] ?? "";
        const [setting = ""] = [...url.searchParams.keys()];
        const bucket = this.buckets.get(name);
        if (method === "PUT" && setting === "") {
            this.buckets.set(name, bucket ?? new Map<string, string>());
            return [200, ""];
        }
        if (bucket === undefined) {
            return [404, "<Error><Code>NoSuchBucket</Code></Error>"];
        }
        if (method === "PUT") {
            bucket.set(setting, body);
        } else if (method === "DELETE") {
            if (setting === "") {
                this.buckets.delete(name);
            }
            bucket.delete(setting);
        } else if (setting !== "") {
            const text = bucket.get(setting) ?? MISSING[setting];
            return text === undefined ? [404, "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>"] : [200, text];
        }
        return [200, ""];
    }
}
