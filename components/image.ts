import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { Host } from "./host";

export interface ImageArgs {
    readonly host: Host;
    /** Release to pull, `X.Y.Z`. */
    readonly version: string;
    /** Id of the checked backup, without which nothing is pulled. */
    readonly backup: pulumi.Input<string>;
}

/** Specivo's image on the server; no other image is pulled. */
export class Image extends pulumi.ComponentResource {
    /** Id of the image, `sha256:…`, known once it lies on the server. */
    public readonly id: pulumi.Output<string>;

    constructor(name: string, args: ImageArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Image", name, {}, opts);
        const { host, version, backup } = args;
        const pull = new docker.RemoteImage(
            `${name}-pull`,
            {
                name: `${host.location.imageRepository}:${version}`,
                // A rollback needs the image that this one takes the place of.
                keepLocally: true,
                // Through its name the backup would give the same order, but a preview that shows no version.
                triggers: { backup },
            },
            { parent: this, provider: host.docker },
        );
        this.id = pull.imageId;
        this.registerOutputs({ id: this.id });
    }
}
