import * as pulumi from "@pulumi/pulumi";

import type { InstallSettings } from "../installSettings";
import type { Transition } from "../plan/ledger";
import { Backup } from "./backup";
import { History } from "./history";
import { Host, type HostArgs } from "./host";
import { Image } from "./image";
import { Preflight } from "./preflight";
import { Rehearsal } from "./rehearsal";
import { RestorePoint } from "./restorePoint";
import { Rollout } from "./rollout";
import { Verify } from "./verify";
import { VersionPin } from "./versionPin";

export interface SpecivoInstanceArgs extends Omit<HostArgs, "instance" | "install"> {
    /** The move the plan chose. As long as its id stays, no step runs. */
    readonly transition: Transition;
    /** Archive on the server that the image is loaded from; empty for a pull. */
    readonly imageArchive: string;
    /** How Specivo is installed where there is none; undefined for not at all. */
    readonly install: InstallSettings | undefined;
    /** There is none, as far as could be seen. */
    readonly installs: boolean;
}

/** A self-hosted Specivo on an existing server, at one version. */
export class SpecivoInstance extends pulumi.ComponentResource {
    /** Tells it on its machine from every other one. */
    public readonly id: pulumi.Output<string>;
    /** The version that serves. */
    public readonly version: pulumi.Output<string>;
    /** Id of the backup made before it was put there. */
    public readonly backup: pulumi.Output<string>;
    /** Id of the backup a rollback would put back; null where it needs none. */
    public readonly restorePoint: pulumi.Output<string | null>;
    /** How its newest transitions went, in a line each, this one last. */
    public readonly history: pulumi.Output<readonly string[]>;

    constructor(name: string, args: SpecivoInstanceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:SpecivoInstance", name, {}, opts);
        const { transition, imageArchive: archive, install, installs, ...hostArgs } = args;
        const child = { parent: this };

        const digest = transition.digest ?? "";
        const wish = install && { ...install, version: transition.to, digest, archive, missing: installs };
        const host = new Host(`${name}-host`, { ...hostArgs, instance: transition.instance, install: wish }, child);
        const { opened } = new Preflight(`${name}-preflight`, { host, transition }, child);
        const { id: backup } = new Backup(`${name}-backup`, { host, transition, opened }, child);
        const { id: image } = new Image(`${name}-image`, { host, transition, backup, archive }, child);
        const step = { host, transition, backup, image };
        const { revision: rehearsed } = new Rehearsal(`${name}-rehearsal`, step, child);
        const { version: pinned } = new VersionPin(`${name}-pin`, { ...step, rehearsed }, child);
        const { version: rolledOut } = new Rollout(`${name}-rollout`, { ...step, pinned }, child);
        const { version } = new Verify(`${name}-verify`, { ...step, rolledOut }, child);

        const { id: restorePoint } = new RestorePoint(
            `${name}-restore-point`,
            { host, transition, backup, verified: version },
            child,
        );
        const { transitions: history } = new History(
            `${name}-history`,
            { host, transition, ended: restorePoint },
            child,
        );

        this.id = host.instance;
        this.version = version;
        this.backup = backup;
        this.restorePoint = restorePoint;
        this.history = history;
        this.registerOutputs({ version, backup, restorePoint, history });
    }
}
