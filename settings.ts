import type * as pulumi from "@pulumi/pulumi";
import * as path from "node:path";

import { readBucket } from "./bucketSettings";
import type { OffsiteBackupsArgs } from "./components/offsiteBackups";
import { type InstallSettings, readInstall } from "./installSettings";
import type { RollbackSettings } from "./plan/restorePoint";
import { parseVersion } from "./plan/versions";
import { Reader } from "./settingsReader";
import { SETTINGS } from "./settingsSchema";
import { readWebhook, type WebhookSettings } from "./webhookSettings";

/** How to reach the server. Keys come from the SSH agent alone, so none is ever part of the stack. */
export interface SshSettings {
    /** The one key that the server must show, `type base64`; undefined for whichever known_hosts has. */
    readonly hostKey?: string | undefined;
    /** Name or IPv4 address. */
    readonly host: string;
    readonly port: number;
    /** root, or a user with passwordless sudo. */
    readonly user: string;
    /** File the server's key must be in; a leading `~` is expanded by ssh, so that it differs on no machine. */
    readonly knownHostsPath: string;
}

/** Repository on the server itself. */
const ON_HOST = "local";
const ON_HOST_WARNING =
    "Backups stay on the server they are of (allowOnHostBackupOnly), and are lost with it: set specivo:offsiteRepository.";

/** No user or password in the address: it is shown, and lies in the stack's state. */
const S3_REPOSITORY = /^s3:(https?:\/\/)?[A-Za-z0-9.-]+(:\d+)?\/[^\s@"\\]+$/;
const SFTP_REPOSITORY = /^sftp:[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:\/[^\s"\\]+$/;

const ABSOLUTE_PATH = /^(\/[A-Za-z0-9._-]+)+$/;

/** Where backups go. */
export interface BackupSettings {
    /** restic repository: `s3:…`, `sftp:…`, or `local` for one on the server itself. */
    readonly repository: string;
    readonly password: pulumi.Output<string>;
    readonly s3?: { readonly accessKeyId: pulumi.Input<string>; readonly secretAccessKey: pulumi.Output<string> };
    readonly sftp?: { readonly privateKey: pulumi.Output<string>; readonly knownHosts: string };
    /** A backup stays while it is one of that many newest ones … */
    readonly keepLast: number;
    /** … or no older than that many days, and as long as a rollback needs it. */
    readonly keepDays: number;
}

/** A user of the instance as whom it is tried. */
export interface SmokeSettings {
    readonly login: string;
    readonly password: pulumi.Output<string>;
    /** Seconds that a request may take. */
    readonly limit: number;
}

/** The stack's config, checked. */
export interface Settings {
    readonly specivoVersion: string;
    readonly imageRepository: string;
    /** Digest the image must have; empty for whichever the tag names. */
    readonly imageDigest: string;
    /** Archive on the server that the image is loaded from; empty for a pull. */
    readonly imageArchive: string;
    /** Address, or absolute path, of Specivo's change log; empty for no release notes. */
    readonly changelog: string;
    readonly installDir: string;
    readonly ssh: SshSettings;
    /** Without the key, where the stack makes it with the bucket. */
    readonly backup: BackupSettings;
    /** The bucket for backups that the stack makes; undefined for none. */
    readonly bucket: OffsiteBackupsArgs | undefined;
    readonly rollback: RollbackSettings;
    /** Seconds a new version may take to start, its migrations included. */
    readonly startTimeout: number;
    /** Who signs in for the test as a user, before and after; undefined for no such test. */
    readonly smoke: SmokeSettings | undefined;
    /** Who is told how a transition ended; undefined for nobody. */
    readonly webhook: WebhookSettings | undefined;
    /** How Specivo is installed where there is none; undefined for not at all. */
    readonly install: InstallSettings | undefined;
    /** Previews are to do without a look at the server, as where a pull request's checks have no key for it. */
    readonly offline: boolean;
    /** What is allowed but should not be forgotten; said at every preview and up. */
    readonly warnings: readonly string[];
}

/** The only reader of stack config. Throws one UserError that names every mistake, a sentence each. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env, reader = new Reader()): Settings {
    const bucket = readBucket(reader);
    const settings = {
        specivoVersion: readVersion(reader),
        imageRepository: reader.matching("imageRepository", (value) =>
            /^([A-Za-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-][a-z0-9]+)*$/.test(value),
        ),
        imageDigest: reader.optional("imageDigest", (value) => /^sha256:[0-9a-f]{64}$/.test(value)),
        imageArchive: reader.optional("imageArchive", (value) => ABSOLUTE_PATH.test(value)),
        changelog: reader.optional("changelog", (value) => /^(https:\/\/|\/)\S+$/.test(value)),
        installDir: reader.matching(
            "installDir",
            (value) => ABSOLUTE_PATH.test(value) && path.posix.normalize(value) === value,
        ),
        ssh: readSsh(reader),
        backup: { ...readRepository(reader, bucket), ...readRetention(reader) },
        bucket,
        rollback: readRollback(reader),
        startTimeout: reader.duration("startTimeout"),
        smoke: readSmoke(reader),
        webhook: readWebhook(reader),
        install: readInstall(reader),
    };
    const offline = environment.SPECIVO_OFFLINE === "true";
    if (!environment.SSH_AUTH_SOCK && !offline) {
        reader.mistakes.push(
            "No SSH agent is running (SSH_AUTH_SOCK is not set): start one with `eval $(ssh-agent)` and load your key with `ssh-add`.",
        );
    }
    reader.refuseMistakes();
    return { ...settings, offline, warnings: settings.backup.repository === ON_HOST ? [ON_HOST_WARNING] : [] };
}

function readVersion(reader: Reader): string {
    const { advice } = SETTINGS.specivoVersion;
    const moves = /^(latest|\d+(\.\d+)?)$/.test(reader.value("specivoVersion"));
    return reader.matching(
        "specivoVersion",
        (value) => parseVersion(value) !== undefined,
        moves ? `that tag moves from release to release and can't be rolled back to, so ${advice}` : advice,
    );
}

/** The stack makes the server that Specivo is kept on, so nobody can name it. */
function makesDroplet(reader: Reader): boolean {
    return reader.value("host") === "" && reader.value("dropletRegion") !== "";
}

function readSsh(reader: Reader): SshSettings {
    return {
        host: makesDroplet(reader)
            ? ""
            : reader.matching("host", (value) => /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value)),
        port: reader.number("sshPort"),
        user: reader.matching("sshUser", (value) => /^[a-z_][a-z0-9_-]*$/.test(value)),
        knownHostsPath: reader.matching("sshKnownHostsPath", (value) => /^(~\/|\/)[^\s"'%$\\]+$/.test(value)),
    };
}

function readRollback(reader: Reader): RollbackSettings {
    const restoreFrom = reader.optional("restoreFrom", (value) =>
        /^(latest|[0-9a-f]{8,64}|[0-9.]+-to-[0-9.]+#\d+)$/.test(value),
    );
    // Where there is a Specivo, nothing is put back but what is named.
    return {
        rollbackWindow: reader.duration("rollbackWindow"),
        restoreFrom: restoreFrom === "latest" ? "" : restoreFrom,
    };
}

function readSmoke(reader: Reader): SmokeSettings | undefined {
    const login = reader.value("smokeUser");
    const limit = reader.duration("smokeLimit");
    return login === "" ? undefined : { login, password: reader.secret("smokePassword"), limit };
}

function readRetention(reader: Reader): Pick<BackupSettings, "keepLast" | "keepDays"> {
    return { keepLast: reader.number("backupKeepLast"), keepDays: reader.number("backupKeepDays") };
}

function readRepository(
    reader: Reader,
    bucket: OffsiteBackupsArgs | undefined,
): Omit<BackupSettings, "keepLast" | "keepDays"> {
    const onHostOnly = reader.flag("allowOnHostBackupOnly");
    const password = reader.secret("backupPassword");
    if (bucket !== undefined) {
        return { repository: bucket.repository, password };
    }
    if (onHostOnly && reader.value("offsiteRepository") === "") {
        return { repository: ON_HOST, password };
    }
    const repository = reader.matching(
        "offsiteRepository",
        (value) => S3_REPOSITORY.test(value) || SFTP_REPOSITORY.test(value),
    );
    if (S3_REPOSITORY.test(repository)) {
        const accessKeyId = reader.matching("offsiteAccessKeyId", (value) => /^\S+$/.test(value));
        return { repository, password, s3: { accessKeyId, secretAccessKey: reader.secret("offsiteSecretAccessKey") } };
    }
    if (SFTP_REPOSITORY.test(repository)) {
        const privateKey = reader.secret("offsiteSshPrivateKey", (value) =>
            /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value),
        );
        const knownHosts = reader.matching("offsiteSshKnownHosts", (value) => /\S+\s+\S+\s+\S+/.test(value));
        return { repository, password, sftp: { privateKey, knownHosts } };
    }
    return { repository, password };
}
