import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { bytesOf } from "./answers";
import type { Cloud } from "./cloud";

interface S3Answer {
    readonly status: number;
    readonly body: Buffer | string;
}

/**
 * The account's Spaces, as the digitalocean plugin sees it. The object store answers, and checks the signature, for which it needs the
 * request as it came; only lifecycle rules, of which it knows nothing, are kept here, and nothing ever expires.
 */
export function spacesServer(cloud: Cloud): Server {
    return createServer((asked, response) => {
        answer(cloud, asked).then(
            ({ status, body }) => response.writeHead(status, { "content-type": "application/xml" }).end(body),
            (error: unknown) => {
                process.stderr.write(`${asked.method} ${asked.url}: ${String(error)}\n`);
                response.writeHead(500).end();
            },
        );
    });
}

/** The bucket that is meant, by the host's name or by the path, and which of its settings; empty for the bucket itself. */
export function bucketOf({ url, headers }: IncomingMessage): { bucket: string; object: string; setting: string } {
    const { pathname, searchParams } = new URL(url ?? "/", "http://spaces");
    const [setting = ""] = searchParams.keys();
    const [, inHost] = /^([a-z0-9-]+)\.localhost(:|$)/.exec(headers.host ?? "") ?? [];
    const [bucket = "", ...object] = [...(inHost === undefined ? [] : [inHost]), ...pathname.split("/").slice(1)];
    return { bucket, object: object.join("/"), setting };
}

async function answer(cloud: Cloud, asked: IncomingMessage): Promise<S3Answer> {
    const { bucket, object, setting } = bucketOf(asked);
    const body = await bytesOf(asked);
    const given = await passOn(cloud.objects.endpoint, asked, body);
    if (setting === "lifecycle" && given.status === 501) {
        return lifecycle(cloud, asked.method ?? "", bucket, body.toString());
    }
    if (given.status < 300 && object === "" && setting === "") {
        if (asked.method === "PUT") {
            await cloud.share(bucket);
        } else if (asked.method === "DELETE") {
            forget(cloud, bucket);
        }
    }
    return given;
}

function passOn(endpoint: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<S3Answer> {
    const { hostname: host, port } = new URL(endpoint);
    return new Promise((resolve, reject) => {
        const passed = request({ host, port, method, path: url, headers, agent: false }, (response) => {
            const { statusCode: status = 500 } = response;
            bytesOf(response).then((told) => resolve({ status, body: told }), reject);
        });
        passed.on("error", reject).end(body);
    });
}

function lifecycle(cloud: Cloud, method: string, bucket: string, body: string): S3Answer {
    const { lifecycles } = cloud.content;
    if (method === "PUT") {
        lifecycles[bucket] = body;
        cloud.save();
        return { status: 200, body: "" };
    }
    if (method === "DELETE") {
        forget(cloud, bucket);
        return { status: 204, body: "" };
    }
    const rules = lifecycles[bucket];
    return rules === undefined
        ? { status: 404, body: "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>" }
        : { status: 200, body: rules };
}

function forget(cloud: Cloud, bucket: string): void {
    delete cloud.content.lifecycles[bucket];
    cloud.save();
}
