import { AwsClient } from "aws4fetch";
import type { SpacesKey } from "./account";

/** Where buckets lie: an S3 server that knows users. */
export interface ObjectStore {
    readonly endpoint: string;
    /** From now on the key is known, with its role. */
    putUser(key: SpacesKey): Promise<void>;
    removeUser(accessKey: string): Promise<void>;
    /** These keys may use the bucket as far as it is granted to them. Where there is no such bucket, nothing is done. */
    share(bucket: string, keys: readonly SpacesKey[]): Promise<void>;
}

const READ = {
    bucket: ["GetBucketLocation", "ListBucket", "ListBucketVersions"],
    objects: ["GetObject", "GetObjectVersion"],
};
const READ_AND_WRITE = {
    bucket: [...READ.bucket, "ListBucketMultipartUploads"],
    objects: [
        ...READ.objects,
        ...["PutObject", "DeleteObject", "DeleteObjectVersion"],
        ...["AbortMultipartUpload", "ListMultipartUploadParts"],
    ],
};

/** The lab's S3 server, versitygw, by its root key. */
export class Versitygw implements ObjectStore {
    private readonly client: AwsClient;

    constructor(
        readonly endpoint: string,
        accessKeyId: string,
        secretAccessKey: string,
    ) {
        this.client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "us-east-1", retries: 2 });
    }

    async putUser({ accessKey, secretKey, grants }: SpacesKey): Promise<void> {
        const role = grants.some(({ permission }) => permission === "fullaccess") ? "admin" : "user";
        const account = `<Access>${accessKey}</Access><Secret>${secretKey}</Secret><Role>${role}</Role>`;
        // It has none of that name, or has it with another role.
        await this.removeUser(accessKey);
        await this.request("PATCH", "/create-user", `<Account>${account}</Account>`);
    }

    async removeUser(accessKey: string): Promise<void> {
        await this.request("PATCH", `/delete-user?access=${accessKey}`);
    }

    async share(bucket: string, keys: readonly SpacesKey[]): Promise<void> {
        const statements = keys.flatMap(({ accessKey, grants }) =>
            grants
                .filter((grant) => grant.bucket === bucket)
                .flatMap(({ permission }) => {
                    const actions = permission === "read" ? READ : READ_AND_WRITE;
                    return [
                        statement(accessKey, actions.bucket, bucket),
                        statement(accessKey, actions.objects, `${bucket}/*`),
                    ];
                }),
        );
        const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
        const [method, body] = statements.length === 0 ? (["DELETE", ""] as const) : (["PUT", policy] as const);
        await this.request(method, `/${bucket}?policy`, body, [404]);
    }

    private async request(method: string, path: string, body = "", allowed: number[] = []): Promise<void> {
        const response = await this.client.fetch(this.endpoint + path, {
            method,
            body: body === "" ? null : body,
            headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
        });
        if (!response.ok && !allowed.includes(response.status)) {
            throw new Error(`${method} ${path} is answered ${response.status}: ${await response.text()}`);
        }
    }
}

function statement(user: string, actions: readonly string[], resource: string): object {
    return {
        Effect: "Allow",
        Principal: [user],
        Action: actions.map((action) => `s3:${action}`),
        Resource: `arn:aws:s3:::${resource}`,
    };
}
