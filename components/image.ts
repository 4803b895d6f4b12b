import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { object, string } from "../plan/decode";
import type { Transition } from "../plan/ledger";
import type { Host } from "./host";
import { HostOperation } from "./hostOperation";

export interface ImageArgs {
    readonly host: Host;
    /** The transition whose version is pulled. */
    readonly transition: Transition;
    /** Id of the proven backup, without which nothing is pulled. */
    readonly backup: pulumi.Input<string>;
    /** Archive on the server that the image is loaded from, where no registry can be reached; empty for a pull. */
    readonly archive: string;
}

/** Specivo's image on the server; no other image is pulled. */
export class Image extends pulumi.ComponentResource {
    /** Id of the image, `sha256:…`, known once it lies on the server. */
    public readonly id: pulumi.Output<string>;

    constructor(name: string, args: ImageArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Image", name, {}, opts);
        const { host, transition, backup, archive } = args;
        if (archive === "") {
            const pull = new docker.RemoteImage(
                `${name}-pull`,
                {
                    name: `${host.location.imageRepository}:${transition.to}`,
                    // A rollback needs the image that this one takes the place of.
                    keepLocally: true,
                    // Through its name the backup would give the same order, but a preview that shows no version.
                    triggers: { backup },
                },
                { parent: this, provider: host.docker },
            );
            this.id = pull.imageId;
        } else {
            const load = new HostOperation(
                `${name}-load`,
                { host, transition, operation: "load", input: { backup, archive }, result: object({ id: string }) },
                { parent: this },
            );
            this.id = load.result.id;
        }
        this.registerOutputs({ id: this.id });
    }
}
