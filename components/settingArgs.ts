import type * as pulumi from "@pulumi/pulumi";

/** The program's config as arguments, from settingsSchema.ts by `npm run docs`: the names, defaults and checks are the same. */
export interface SettingArgs {
    /** The release to run, exactly X.Y.Z. A change of it is what upgrades or rolls back. */
    readonly specivoVersion: string;
    /** How long a new version may take to start, its migrations included: in the rehearsal, and then in earnest before the one before is put back. */
    readonly startTimeout?: string;
    /** Specivo's image, without its tag. */
    readonly imageRepository?: string;
    /** The digest that the image of `specivoVersion` must have, `sha256:…`, as preview shows it; empty for whichever its tag names. It counts from the next transition on: an image that runs already is not looked at. */
    readonly imageDigest?: string;
    /** An archive of the image on the server, for one that reaches no registry; empty for a pull. */
    readonly imageArchive?: string;
    /** Specivo's change log, which preview takes release notes from: an address or an absolute path; empty for none. */
    readonly changelog?: string;
    /** Name or IPv4 address of the server that runs Specivo. */
    readonly host: string;
    /** The user on the server: root, or one with passwordless sudo who may use Docker. */
    readonly sshUser?: string;
    /** The port of the server's SSH. */
    readonly sshPort?: number;
    /** The file on this machine that holds the server's host key; an unknown server is refused. */
    readonly sshKnownHostsPath?: string;
    /** The directory of `docker-compose.yml` and `.env` on the server. */
    readonly installDir?: string;
    /** Secret. Encrypts the backups; without it nobody can read them. */
    readonly backupPassword: pulumi.Input<string>;
    /** Required, unless `allowOnHostBackupOnly`. The restic repository off the server: `s3:https://ENDPOINT/BUCKET` or `sftp:USER@HOST:/PATH`. */
    readonly offsiteRepository?: string;
    /** Needed for s3. Id of the access key that may write to the bucket. */
    readonly offsiteAccessKeyId?: string;
    /** Needed for s3, secret. The secret of that access key. */
    readonly offsiteSecretAccessKey?: pulumi.Input<string>;
    /** Needed for sftp, secret. The private key, without a passphrase, that the backup server accepts. */
    readonly offsiteSshPrivateKey?: pulumi.Input<string>;
    /** Needed for sftp. The backup server's `known_hosts` line, as `ssh-keyscan` prints it. */
    readonly offsiteSshKnownHosts?: string;
    /** `true` allows backups on the server alone, which are lost with it; every preview and up says so. */
    readonly allowOnHostBackupOnly?: boolean;
    /** A backup stays while it is one of so many newest ones, or as young as `backupKeepDays`, or needed by a rollback. */
    readonly backupKeepLast?: number;
    /** A backup stays while it is no older than so many days, or one of `backupKeepLast`, or needed by a rollback. */
    readonly backupKeepDays?: number;
    /** How old the data may be that a rollback puts back by itself; older data needs `restoreFrom`. */
    readonly rollbackWindow?: string;
    /** Id of the backup that is put back by going back to the version it is of, whatever its age; once. `latest`, or an id, where a lost server's data is to come back. */
    readonly restoreFrom?: string;
    /** Login of a user of Specivo's own who signs in, reads an issue and searches before and after an upgrade; empty for none. */
    readonly smokeUser?: string;
    /** Needed with smokeUser, secret. That user's password. */
    readonly smokePassword?: pulumi.Input<string>;
    /** How long each of that user's requests may take. */
    readonly smokeLimit?: string;
    /** Address that the server tells how each transition ended: `https://…`, or `http://…` on the server itself; empty for none. */
    readonly webhook?: string;
    /** Needed with webhook, secret. What the server signs that with, of 16 characters or more. */
    readonly webhookSecret?: pulumi.Input<string>;
    /** E-mail address of the administrator of a Specivo that is installed where there is none; empty for never installing one. */
    readonly adminEmail?: string;
    /** The administrator's login. The password is made on the server, and lies there in `.admin-password`. */
    readonly adminLogin?: string;
    /** The port that an installed Specivo listens on, and that a droplet's firewall lets through. A later change moves the firewall alone. */
    readonly webPort?: number;
}
