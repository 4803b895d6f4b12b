import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { buffer } from "node:stream/consumers";
import { explained } from "../core/errors";
import { dialError, hostPort } from "../core/gotext";
import type { Props } from "../core/values";
import type { DockerConfig } from "./config";
import { parseImageName } from "./names";

const MANIFESTS = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
].join(", ");
/** What is asked for when a registry gives none of those. */
const OLD_MANIFEST = "application/vnd.docker.distribution.manifest.v1+prettyjws";

interface Request {
    readonly method: "HEAD" | "GET";
    readonly url: string;
    readonly accept: string;
    readonly authorization: string | undefined;
    readonly insecure: boolean;
}

interface Response {
    readonly status: number;
    readonly statusText: string;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: Buffer;
}

/** `getRegistryImage`: asks the registry, from this machine, for the digest behind a tag. */
export async function getRegistryImage(config: DockerConfig, args: Props): Promise<Props> {
    const name = args.name as string;
    const insecure = args.insecureSkipVerify === true;
    const { registry, repository, tag } = parseImageName(name);
    if (registry === "") {
        throw new Error(`the stand-in asks no registry but one that the image's name begins with, unlike ${name}`);
    }
    const auth = config.registries[registry];
    const base = auth?.address ?? `https://${registry}`;
    const basic = auth !== undefined && auth.username !== "" ? basicAuth(auth.username, auth.password) : undefined;
    try {
        const url = `${base}/v2/${repository}/manifests/${tag}`;
        const ask = (accept: string) =>
            digestOf({ method: "HEAD", url, accept, authorization: basic, insecure }, repository);
        const digest = await ask(MANIFESTS).catch(() => ask(OLD_MANIFEST));
        return { id: digest, insecureSkipVerify: insecure, name, sha256Digest: digest };
    } catch (error) {
        const what = `Got error when attempting to fetch image version ${repository}:${tag} from registry`;
        const call = "invoking docker:index/getRegistryImage:getRegistryImage: 1 error occurred:\n\t* ";
        throw explained(`${call}${what}: `, error, "\n\n");
    }
}

async function digestOf(request: Request, repository: string): Promise<string> {
    const answer = await send(request);
    if (answer.status === 200) {
        return digestIn(answer);
    }
    if (answer.status !== 401) {
        throw badResponse(answer);
    }
    const authorization = `Bearer ${await token(answer, request, repository)}`;
    // A HEAD request does not count against a pull limit, but not every registry answers it with the digest.
    const head = await send({ ...request, authorization });
    if (head.status === 200 && head.headers["docker-content-digest"] !== undefined) {
        return digestIn(head);
    }
    const whole = await send({ ...request, authorization, method: "GET" });
    if (whole.status !== 200) {
        throw badResponse(whole);
    }
    return digestIn(whole);
}

function digestIn(answer: Response): string {
    const header = answer.headers["docker-content-digest"];
    if (typeof header === "string") {
        return header;
    }
    if (answer.body.length === 0) {
        throw new Error("error reading registry response body: %!s(<nil>)");
    }
    return `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
}

async function token(challenge: Response, request: Request, repository: string): Promise<string> {
    const header = challenge.headers["www-authenticate"] ?? "";
    if (!header.startsWith("Bearer")) {
        throw new Error(`bad credentials: ${challenge.status} ${challenge.statusText}`);
    }
    const parameters: Record<string, string | undefined> = {};
    for (const [, key = "", value] of header.matchAll(/(\w+)="(.*?)"/g)) {
        parameters[key] = value;
    }
    const scope = parameters.scope ?? `repository:${repository}:push,pull`;
    const query = new URLSearchParams({ service: parameters.service ?? "", scope });
    const asking = { ...request, method: "GET", url: `${parameters.realm ?? ""}?${query.toString()}` } as const;
    let answer = await send(asking);
    if (asking.authorization !== undefined && [401, 403].includes(answer.status)) {
        // Credentials that the registry does not know are no better than none.
        answer = await send({ ...asking, authorization: undefined });
    }
    if (answer.status !== 200) {
        throw badResponse(answer);
    }
    const { token: plain, access_token: access } = JSON.parse(answer.body.toString()) as Record<string, string>;
    return plain ?? access ?? "";
}

function badResponse(answer: Response): Error {
    return new Error(`got bad response from registry: ${answer.status} ${answer.statusText}`);
}

function basicAuth(username: string, password: string): string {
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** The system's own certificates, which a certificate authority of one's own is added to; Node has a list of its own. */
function systemRoots(): Buffer | undefined {
    const bundles = [
        process.env.SSL_CERT_FILE,
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
    ];
    const file = bundles.find((each) => each !== undefined && existsSync(each));
    return file === undefined ? undefined : readFileSync(file);
}

function send(request: Request): Promise<Response> {
    const { method, url, accept, authorization, insecure } = request;
    const headers = { Accept: accept, ...(authorization === undefined ? {} : { Authorization: authorization }) };
    const secure = url.startsWith("https://");
    const options = secure
        ? { method, headers, ca: systemRoots(), rejectUnauthorized: !insecure }
        : { method, headers };
    return new Promise((resolve, reject) => {
        const sent = (secure ? https : http).request(url, options);
        sent.once("error", (error) => {
            const verb = method === "HEAD" ? "Head" : "Get";
            reject(new Error(`Error during registry request: ${verb} "${url}": ${reasonOf(error, url)}`));
        });
        sent.once("response", (response) => {
            buffer(response).then((body) => {
                const { statusCode: status = 0, statusMessage: statusText = "", headers: received } = response;
                resolve({ status, statusText, headers: received, body });
            }, reject);
        });
        sent.end();
    });
}

function reasonOf(error: NodeJS.ErrnoException, url: string): string {
    const { hostname, port, protocol } = new URL(url);
    const dialled = error instanceof AggregateError || ["connect", "getaddrinfo"].includes(error.syscall ?? "");
    const target = hostPort(hostname, Number(port === "" ? (protocol === "https:" ? 443 : 80) : port));
    return dialled ? dialError(error, "tcp", target).message : error.message;
}
