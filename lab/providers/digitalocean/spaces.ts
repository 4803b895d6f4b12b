import { AwsClient } from "aws4fetch";

export class SpacesFailure extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
    ) {
        super(message);
    }
}

/** The part of S3's API that buckets need. Buckets are part of the path; the original has them in the host's name. */
export class Spaces {
    private readonly client: AwsClient;

    constructor(
        private readonly endpoint: string,
        accessKeyId: string,
        secretAccessKey: string,
    ) {
        this.client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "us-east-1", retries: 2 });
    }

    /** The body of the answer. */
    async request(method: string, bucket: string, query = "", body = "", headers = {}): Promise<string> {
        const url = `${this.endpoint.replace(/\/$/, "")}/${bucket}${query === "" ? "" : `?${query}`}`;
        const checksum = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
        const response = await this.client.fetch(url, {
            method,
            body: body === "" ? null : body,
            headers: { ...checksum, ...headers },
        });
        const text = await response.text();
        if (!response.ok) {
            const code = tag(text, "Code") ?? response.statusText;
            throw new SpacesFailure(response.status, code, `${code}: ${tag(text, "Message") ?? response.status}`);
        }
        return text;
    }
}

/** The text of the first element of that name. */
export function tag(xml: string, name: string): string | undefined {
    return new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1];
}

/** What is in each element of that name. */
export function elements(xml: string, name: string): string[] {
    return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, inner]) => inner ?? "");
}
