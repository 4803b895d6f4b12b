import * as pulumi from "@pulumi/pulumi";

import { ArgsReader } from "../argsReader";
import { decide, LastOutputs } from "../decide";
import { keep } from "../keep";
import { readSettings, type Settings } from "../settings";

/** The program's config as arguments: each is described, needed and checked as the config key of its name. */
export interface SpecivoArgs {
    /** Release to run, exactly X.Y.Z. A change of it is what upgrades or rolls back. */
    readonly specivoVersion: string;
    /** Name or IPv4 address of the server that runs Specivo. */
    readonly host: string;
    /** User on the server: root, or one with passwordless sudo and access to Docker. */
    readonly sshUser?: string;
    /** Port of the server's SSH. */
    readonly sshPort?: number;
    /** File on this machine that holds the server's host key. */
    readonly sshKnownHostsPath?: string;
    /** Directory of docker-compose.yml and .env on the server. */
    readonly installDir?: string;
    /** Specivo's image, without a tag. */
    readonly imageRepository?: string;
    /** Digest the image of specivoVersion must have, sha256:…; empty for whichever its tag names. */
    readonly imageDigest?: string;
    /** Archive of the image on the server, for one that reaches no registry; empty for a pull. */
    readonly imageArchive?: string;
    /** Specivo's change log, for the release notes in preview: an address or an absolute path; empty for none. */
    readonly changelog?: string;
    /** Secret. Encrypts the backups; who loses it loses them. */
    readonly backupPassword: pulumi.Input<string>;
    /** restic repository off the server: s3:https://ENDPOINT/BUCKET or sftp:USER@HOST:/PATH. */
    readonly offsiteRepository?: string;
    /** Needed for s3: id of the access key that may write to the bucket. */
    readonly offsiteAccessKeyId?: string;
    /** Needed for s3, secret. The secret of that access key. */
    readonly offsiteSecretAccessKey?: pulumi.Input<string>;
    /** Needed for sftp, secret. Private key, without a passphrase, that the backup server accepts. */
    readonly offsiteSshPrivateKey?: pulumi.Input<string>;
    /** Needed for sftp: known_hosts line of the backup server, as ssh-keyscan prints it. */
    readonly offsiteSshKnownHosts?: string;
    /** true allows backups on the server alone, which are lost with it; every preview and up says so. */
    readonly allowOnHostBackupOnly?: boolean;
    /** A backup stays while it is one of that many newest ones, or as young as backupKeepDays, or needed by a rollback. */
    readonly backupKeepLast?: number;
    /** A backup stays while it is no older than that many days, or one of backupKeepLast, or needed by a rollback. */
    readonly backupKeepDays?: number;
    /** How old the data may be that a rollback puts back by itself, such as 30m, 1h or 2d; older needs restoreFrom. */
    readonly rollbackWindow?: string;
    /** Id of the backup that going back to the version it is of puts back, whatever its age; once. */
    readonly restoreFrom?: string;
    /** How long a new version may take to start, its migrations included, before the one before is put back. */
    readonly startTimeout?: string;
    /** Login of a user of Specivo who signs in, reads an issue and searches before and after an upgrade; none by default. */
    readonly smokeUser?: string;
    /** Secret. The password of smokeUser. */
    readonly smokePassword?: pulumi.Input<string>;
    /** How long each request of smokeUser may take. */
    readonly smokeLimit?: string;
    /** Address that the server tells how each transition ended, https://, or http:// on the server itself; none by default. */
    readonly webhook?: string;
    /** Needed with webhook, secret. What the server signs with, of 16 characters or more. */
    readonly webhookSecret?: pulumi.Input<string>;
    /** E-mail address of the administrator of a Specivo that is installed where there is none; empty for never installing one. */
    readonly adminEmail?: string;
    /** The administrator's login. The password is made on the server, and lies there in .admin-password. */
    readonly adminLogin?: string;
    /** The port that an installed Specivo listens on. */
    readonly webPort?: number;
    /** Name of the stack output that has `plan`, which previews without reach of the server go by; `plan` by default. */
    readonly planOutput?: string;
}

/**
 * A Specivo on a server that is there, kept at `specivoVersion`: it looks at the server, plans, says so, and makes the steps. All
 * that is no secret has to be known when the program runs, as the plan depends on it.
 */
export class Specivo extends pulumi.ComponentResource {
    /** The version that serves. */
    public readonly version: pulumi.Output<string>;
    /** Id of the last transition. */
    public readonly transition: pulumi.Output<string>;
    /** What the last transition was: adopt, upgrade, rollback or repair. */
    public readonly direction: pulumi.Output<string>;
    /** Id of the backup made before it. */
    public readonly backup: pulumi.Output<string>;
    /** Id of the backup a rollback would put back; not set where it needs none. */
    public readonly restorePoint: pulumi.Output<string | undefined>;
    /** How the newest transitions went, in a line each, the last one last. */
    public readonly history: pulumi.Output<string[]>;
    /** What a preview without reach of the server goes by: export it as the stack output that `planOutput` names. */
    public readonly plan: pulumi.Output<string>;

    constructor(name: string, args: SpecivoArgs, opts?: pulumi.ComponentResourceOptions) {
        const settings = readSettings(process.env, new ArgsReader(name, args));
        super("specivo:index:Specivo", name, {}, opts);
        const last = new LastOutputs(args.planOutput, `${name}-last`, { parent: this });
        const kept = pulumi.output(this.keep(name, settings, last));
        this.version = kept.version;
        this.transition = kept.transition;
        this.direction = kept.direction;
        this.backup = kept.backup;
        this.restorePoint = kept.restorePoint.apply((id) => id ?? undefined);
        this.history = kept.history.apply((lines) => [...lines]);
        this.plan = pulumi.jsonStringify(kept.plan);
        const { version, transition, direction, backup, restorePoint, history, plan } = this;
        this.registerOutputs({ version, transition, direction, backup, restorePoint, history, plan });
    }

    private async keep(name: string, settings: Settings, last: LastOutputs) {
        const decision = await decide(settings, last);
        return keep(name, settings, decision, undefined, { parent: this });
    }
}
