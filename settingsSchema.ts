/** One key of the stack's config, described once: for its reader, for `Pulumi.yaml` and for `docs/settings.md`. */
export interface Setting {
    /** What holds where nothing is set, of the value's own type; empty for nothing. */
    readonly fallback: string | number | boolean;
    /** What it is, in Markdown: a sentence or two. */
    readonly text: string;
    /** What to do where it is missing or wrong; the part of a sentence that follows `KEY is VALUE: `. */
    readonly advice?: string;
    /** When there has to be a value. */
    readonly needed?: string;
    /** It must be encrypted in the stack's file, and is never shown. */
    readonly secret?: true;
    /** The least and the most that a number may be. */
    readonly range?: readonly [number, number];
}

export const DURATION = "give a length of time such as 90s, 30m, 1h or 7d";

const RELEASE = {
    specivoVersion: {
        fallback: "",
        needed: "required",
        text: "The release to run, exactly X.Y.Z. A change of it is what upgrades or rolls back.",
        advice: "name one release as X.Y.Z, for example `pulumi config set specivoVersion 0.1.10`",
    },
    startTimeout: {
        fallback: "15m",
        text: "How long a new version may take to start, its migrations included: in the rehearsal, and then in earnest before the one before is put back.",
        advice: DURATION,
    },
    imageRepository: {
        fallback: "specivo/specivo",
        text: "Specivo's image, without its tag.",
        advice: "name the image without its tag, for example specivo/specivo",
    },
    imageDigest: {
        fallback: "",
        text: "The digest that the image of `specivoVersion` must have, `sha256:…`, as preview shows it; empty for whichever its tag names. It counts from the next transition on: an image that runs already is not looked at.",
        advice: "give the digest of the image of specivoVersion, sha256: and 64 hexadecimal digits, as preview shows it",
    },
    imageArchive: {
        fallback: "",
        text: "An archive of the image on the server, for one that reaches no registry; empty for a pull.",
        advice: "give the absolute path of the image's archive on the server, of the characters A-Z a-z 0-9 . _ - /",
    },
    changelog: {
        fallback: "https://raw.githubusercontent.com/specivo/specivo/main/CHANGELOG.md",
        text: "Specivo's change log, which preview takes release notes from: an address or an absolute path; empty for none.",
        advice: "give the https:// address or the absolute path of Specivo's change log, or an empty text for no release notes",
    },
} as const satisfies Record<string, Setting>;

const SERVER = {
    host: {
        fallback: "",
        needed: "required, unless the stack makes a droplet",
        text: "Name or IPv4 address of the server that runs Specivo.",
        advice: "give the server's name or IPv4 address, for example `pulumi config set host 203.0.113.10`",
    },
    sshUser: {
        fallback: "root",
        text: "The user on the server: root, or one with passwordless sudo who may use Docker.",
        advice: "give root, or a user of the server with passwordless sudo",
    },
    sshPort: { fallback: 22, range: [1, 65535], text: "The port of the server's SSH." },
    sshKnownHostsPath: {
        fallback: "~/.ssh/known_hosts",
        text: "The file on this machine that holds the server's host key; an unknown server is refused.",
        advice: "give a path that begins with / or ~/ and holds no space, quote, %, $ or backslash",
    },
    installDir: {
        fallback: "/opt/specivo",
        text: "The directory of `docker-compose.yml` and `.env` on the server.",
        advice: "name the directory of docker-compose.yml by its absolute path, of the characters A-Z a-z 0-9 . _ - / and without a final /",
    },
} as const satisfies Record<string, Setting>;

const BUCKET = {
    backupBucket: {
        fallback: "",
        text: "Name of a Spaces bucket that the stack makes for the backups, with a key for it alone, in place of `offsiteRepository`. Needs `digitalocean:token`, `digitalocean:spacesAccessId` and, secret, `digitalocean:spacesSecretKey`.",
        advice: "give a name of 3 to 63 lower-case letters, digits and -, which no other bucket in the region has",
    },
    backupRegion: {
        fallback: "",
        needed: "needed for backupBucket without a droplet",
        text: "DigitalOcean's slug of the bucket's region; empty for `dropletRegion`.",
        advice: "give DigitalOcean's slug of a region with Spaces, for example fra1",
    },
    backupEndpoint: {
        fallback: "",
        text: "Address of Spaces in that region; empty for `https://REGION.digitaloceanspaces.com`.",
        advice: "give the address of Spaces in that region, for example https://fra1.digitaloceanspaces.com",
    },
} as const satisfies Record<string, Setting>;

const BACKUPS = {
    backupPassword: {
        fallback: "",
        needed: "required",
        secret: true,
        text: "Encrypts the backups; without it nobody can read them.",
        advice: "choose one, and keep it where the server's loss can't take it",
    },
    offsiteRepository: {
        fallback: "",
        needed: "required, unless `allowOnHostBackupOnly`",
        text: "The restic repository off the server: `s3:https://ENDPOINT/BUCKET` or `sftp:USER@HOST:/PATH`.",
        advice: "give a restic repository off the server, s3:https://ENDPOINT/BUCKET or sftp:USER@HOST:/PATH, or set allowOnHostBackupOnly to true and lose the backups with the server",
    },
    offsiteAccessKeyId: {
        fallback: "",
        needed: "needed for s3",
        text: "Id of the access key that may write to the bucket.",
        advice: "give the access key id that may write to offsiteRepository",
    },
    offsiteSecretAccessKey: {
        fallback: "",
        needed: "needed for s3",
        secret: true,
        text: "The secret of that access key.",
        advice: "give the secret that belongs to offsiteAccessKeyId",
    },
    offsiteSshPrivateKey: {
        fallback: "",
        needed: "needed for sftp",
        secret: true,
        text: "The private key, without a passphrase, that the backup server accepts.",
        advice: "give the private key, without a passphrase, that offsiteRepository's server accepts",
    },
    offsiteSshKnownHosts: {
        fallback: "",
        needed: "needed for sftp",
        text: "The backup server's `known_hosts` line, as `ssh-keyscan` prints it.",
        advice: "give the known_hosts line of offsiteRepository's server, as ssh-keyscan prints it",
    },
    ...BUCKET,
    allowOnHostBackupOnly: {
        fallback: false,
        text: "`true` allows backups on the server alone, which are lost with it; every preview and up says so.",
    },
    backupKeepLast: {
        fallback: 10,
        range: [1, 1000],
        text: "A backup stays while it is one of so many newest ones, or as young as `backupKeepDays`, or needed by a rollback.",
    },
    backupKeepDays: {
        fallback: 30,
        range: [0, 10000],
        text: "A backup stays while it is no older than so many days, or one of `backupKeepLast`, or needed by a rollback.",
    },
} as const satisfies Record<string, Setting>;

const ROLLBACK = {
    rollbackWindow: {
        fallback: "1h",
        text: "How old the data may be that a rollback puts back by itself; older data needs `restoreFrom`.",
        advice: DURATION,
    },
    restoreFrom: {
        fallback: "",
        text: "Id of the backup that is put back by going back to the version it is of, whatever its age; once. `latest`, or an id, where a lost server's data is to come back.",
        advice: "give the id of a backup, of 8 or more characters, as the refused rollback or `specivo-host backups` on the server tells it, or latest where a lost server's data is to come back",
    },
} as const satisfies Record<string, Setting>;

const SMOKE = {
    smokeUser: {
        fallback: "",
        text: "Login of a user of Specivo's own who signs in, reads an issue and searches before and after an upgrade; empty for none.",
    },
    smokePassword: {
        fallback: "",
        needed: "needed with smokeUser",
        secret: true,
        text: "That user's password.",
        advice: "give the password of smokeUser",
    },
    smokeLimit: { fallback: "5s", text: "How long each of that user's requests may take.", advice: DURATION },
} as const satisfies Record<string, Setting>;

const WEBHOOK = {
    webhook: {
        fallback: "",
        text: "Address that the server tells how each transition ended: `https://…`, or `http://…` on the server itself; empty for none.",
        advice: "give an address that begins with https://, or one on the server itself, such as http://localhost:8080/specivo, without a user and password in it",
    },
    webhookSecret: {
        fallback: "",
        needed: "needed with webhook",
        secret: true,
        text: "What the server signs that with, of 16 characters or more.",
        advice: "choose 16 characters or more, which the receiver of webhook checks signatures with",
    },
} as const satisfies Record<string, Setting>;

const INSTALL = {
    adminEmail: {
        fallback: "",
        text: "E-mail address of the administrator of a Specivo that is installed where there is none; empty for never installing one.",
        advice: "give the administrator's e-mail address",
    },
    adminLogin: {
        fallback: "admin",
        text: "The administrator's login. The password is made on the server, and lies there in `.admin-password`.",
        advice: "give a login of the characters A-Z a-z 0-9 . _ -",
    },
    webPort: {
        fallback: 9933,
        range: [1, 65535],
        text: "The port that an installed Specivo listens on, and that a droplet's firewall lets through. A later change moves the firewall alone.",
    },
} as const satisfies Record<string, Setting>;

const rangesFor = (what: string) =>
    `give the address ranges that may use ${what}, separated by commas, for example 203.0.113.0/24,2001:db8::/32`;
const slugLike = (example: string) => `give DigitalOcean's slug, for example ${example}`;

const DROPLET = {
    dropletRegion: {
        fallback: "",
        text: "DigitalOcean's slug of the region to make a droplet in, for example `fra1`; empty for a server that is there.",
        advice: slugLike("fra1"),
    },
    dropletSshPublicKey: {
        fallback: "",
        needed: "needed for a droplet",
        text: "The public key whose private one your SSH agent holds.",
        advice: "give the one line, as `ssh-add -L` prints it, of which your SSH agent holds the private key",
    },
    dropletSshFrom: {
        fallback: "",
        needed: "needed for a droplet",
        text: "Address ranges that may use SSH, separated by commas.",
        advice: rangesFor("SSH"),
    },
    dropletWebFrom: {
        fallback: "0.0.0.0/0,::/0",
        text: "Address ranges that may use Specivo, separated by commas; everybody by default.",
        advice: rangesFor("Specivo"),
    },
    dropletName: {
        fallback: "specivo",
        text: "Name of the droplet, its firewall, its key and its volume.",
        advice: "give a name of up to 58 lower-case letters, digits and -, a letter first",
    },
    dropletSize: {
        fallback: "s-1vcpu-2gb",
        text: "Slug of its size. A change turns it off and on again; its disk can't shrink.",
        advice: slugLike("s-1vcpu-2gb"),
    },
    dropletVolumeSize: {
        fallback: 0,
        range: [0, 16384],
        text: "Size in GB of a volume for the data, which outlives the droplet; 0 for none. It can't shrink.",
    },
    dropletVolumeMount: {
        fallback: "/opt/specivo",
        text: "Where the volume is mounted; as the droplet is made, and never after.",
        advice: "give an absolute path of the characters A-Z a-z 0-9 . _ - / and without a final /",
    },
    dropletTags: {
        fallback: "specivo",
        text: "Tags of the droplet and its volume, separated by commas.",
        advice: "give tags of the characters A-Z a-z 0-9 : _ -, separated by commas",
    },
    dropletImage: {
        fallback: "ubuntu-24-04-x64",
        text: "Slug of the image it is made from; a later change changes nothing.",
        advice: slugLike("ubuntu-24-04-x64"),
    },
    dropletMonitoring: { fallback: true, text: "DigitalOcean's metrics agent; a later change changes nothing." },
    allowDropletReplacement: {
        fallback: false,
        text: "`true` lets a change replace the droplet, and `pulumi destroy --exclude-protected` take it; what is on its own disk is lost. Its address and volume stay protected.",
    },
} as const satisfies Record<string, Setting>;

/** Of what the stack makes besides Specivo, which a component of another program does not. */
export const MADE_BESIDES = { ...BUCKET, ...DROPLET };

/** In the order in which they are read about. */
export const GROUPS: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
    "The release": RELEASE,
    "The server": SERVER,
    Backups: BACKUPS,
    Rollback: ROLLBACK,
    "A user as whom it is tried": SMOKE,
    "Who is told": WEBHOOK,
    "Where there is no Specivo yet": INSTALL,
    "A stack that makes its droplet": DROPLET,
};

export const SETTINGS = {
    ...RELEASE,
    ...SERVER,
    ...BACKUPS,
    ...ROLLBACK,
    ...SMOKE,
    ...WEBHOOK,
    ...INSTALL,
    ...DROPLET,
};

export type Key = keyof typeof SETTINGS;
type KeyOf<Kind> = { [K in Key]: (typeof SETTINGS)[K] extends Kind ? K : never }[Key];
export type SecretKey = KeyOf<{ secret: true }>;
/** One that may be shown. */
export type PlainKey = Exclude<Key, SecretKey>;
export type TextKey = Exclude<KeyOf<{ fallback: string; advice: string }>, SecretKey>;
export type DurationKey = KeyOf<{ advice: typeof DURATION }>;
export type NumberKey = KeyOf<{ fallback: number; range: readonly [number, number] }>;
export type FlagKey = KeyOf<{ fallback: boolean }>;
