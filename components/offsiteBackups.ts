import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";

export interface OffsiteBackupsArgs {
    /** Name of the bucket, and of its key. Another one would be another bucket, which the protection refuses. */
    readonly bucket: string;
    /** Slug of the region, such as fra1. Another one would be another bucket too. */
    readonly region: string;
    /** The bucket as restic has it, `s3:ENDPOINT/BUCKET`. */
    readonly repository: string;
}

/** How many days a backup that was deleted, or written over, can still be had. */
const DELETED_STAY_DAYS = 30;
/** How many days an upload that broke off may still be gone on with. */
const UPLOADS_STAY_DAYS = 7;

/**
 * A private Spaces bucket for backups, and a key that may read and write it and nothing else. The bucket is protected, and is never
 * emptied by Pulumi.
 *
 * It keeps versions: what restic, a mistake or a thief deletes can be had back for 30 days. A thief who holds the key and deletes each
 * version by its id too leaves nothing, as Spaces can't lock objects. What is not deleted never expires.
 */
export class OffsiteBackups extends pulumi.ComponentResource {
    /** restic's repository; known once the key may use the bucket. */
    public readonly repository: pulumi.Output<string>;
    /** The secret part is a secret. */
    public readonly key: {
        readonly accessKeyId: pulumi.Output<string>;
        readonly secretAccessKey: pulumi.Output<string>;
    };

    constructor(name: string, args: OffsiteBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:OffsiteBackups", name, {}, opts);
        const bucket = new digitalocean.SpacesBucket(
            `${name}-bucket`,
            {
                name: args.bucket,
                region: args.region,
                acl: "private",
                versioning: { enabled: true },
                lifecycleRules: [
                    {
                        enabled: true,
                        abortIncompleteMultipartUploadDays: UPLOADS_STAY_DAYS,
                        noncurrentVersionExpiration: { days: DELETED_STAY_DAYS },
                    },
                ],
                forceDestroy: false,
            },
            // The plugin takes a new name for a change that it then does not make.
            { parent: this, protect: true, replaceOnChanges: ["name"] },
        );
        const key = new digitalocean.SpacesKey(
            `${name}-key`,
            { name: args.bucket, grants: [{ bucket: bucket.name, permission: "readwrite" }] },
            { parent: this },
        );
        this.repository = key.id.apply(() => args.repository);
        this.key = { accessKeyId: key.accessKey, secretAccessKey: pulumi.secret(key.secretKey) };
        this.registerOutputs({ repository: this.repository });
    }
}
