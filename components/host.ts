import { remote, type types } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import type { BackupSettings, SmokeSettings, SshSettings } from "../settings";
import type { WebhookSettings } from "../webhookSettings";
import { readBundle } from "./bundle";
import { connectionArgs, sshOptions } from "./connection";
import { Install, type InstallWish } from "./install";

/** Where on the server Specivo is, as every operation is told. */
export interface Location {
    /** Directory of `docker-compose.yml`. */
    readonly installDir: string;
    /** Image of Specivo, without its tag. */
    readonly imageRepository: string;
}

export interface HostArgs {
    /** How to reach the server. A change of it runs no step: finished ones answer from the server's ledger. */
    readonly ssh: SshSettings;
    /** The server's address, where the stack makes it and `ssh` can't name it yet. */
    readonly address?: pulumi.Input<string> | undefined;
    /** Public host key the server must show, `type base64`. */
    readonly hostKey: pulumi.Input<string>;
    /** The machine; another one has everything installed anew. */
    readonly machine: pulumi.Input<string>;
    /** Specivo on it, by the server's own id; where it may have to be installed, the installation tells it. */
    readonly instance: string;
    /** What is installed where there is no Specivo; undefined for nothing, ever. */
    readonly install: InstallWish | undefined;
    readonly location: Location;
    /** Where backups go. A change is written to the server at once, and serves from the next backup on. */
    readonly backup: BackupSettings;
    /** Seconds a new version may take to start, its migrations included. Written to the server like the backups' settings. */
    readonly startTimeout: number;
    /** The user as whom the instance is tried; undefined for no such test. */
    readonly smoke: SmokeSettings | undefined;
    /** Who is told how a transition ended; undefined for nobody. */
    readonly webhook: WebhookSettings | undefined;
}

/**
 * Puts the script that comes on stdin, after a line with its hash, where `specivo-host` is found. It lands in a directory
 * named by its hash, as a script that runs must not be overwritten, and a rename makes the switch. A connection
 * that breaks off leaves half a script, so the hash of what arrived must be the one announced.
 */
const INSTALL_TOOLKIT = `bash -c '
set -euo pipefail
umask 077
toolkit=/var/lib/specivo-upgrade/toolkit
mkdir -p "$toolkit" /usr/local/sbin
read -r announced
arrived=$(mktemp "$toolkit/.arriving.XXXXXX")
trap "rm -f \\"$arrived\\"" EXIT
cat >"$arrived"
hash=$(sha256sum "$arrived" | cut -d " " -f 1)
if [ "$hash" != "$announced" ]; then
    echo "specivo-host: the script did not arrive whole; run pulumi up again." >&2
    exit 1
fi
directory=$toolkit/\${hash:0:12}
mkdir -p "$directory"
chmod 700 "$arrived"
mv -f "$arrived" "$directory/specivo-host"
ln -sfn "$directory/specivo-host" "$toolkit/.current"
mv -fT "$toolkit/.current" /usr/local/sbin/specivo-host
echo "$hash"
'`;

/** An existing server, with the operations installed and the backups' credentials in place. */
export class Host extends pulumi.ComponentResource {
    public readonly location: Location;
    /** Connection of every command, verified by the host key. */
    public readonly connection: types.input.remote.ConnectionArgs;
    /** The server's Docker engine, over SSH. */
    public readonly docker: docker.Provider;
    /** Tells Specivo on this machine from every other one. */
    public readonly instance: pulumi.Output<string>;
    /** Depended on by all steps. It only orders: new operations or credentials run no step. */
    public readonly ready: pulumi.Resource[];
    private readonly asRoot: string;

    constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:Host", name, {}, opts);
        const { ssh, location, backup, install } = args;
        const { startTimeout, smoke, webhook } = args;
        this.location = location;
        const address = args.address ?? ssh.host;
        this.connection = connectionArgs(ssh, address, args.hostKey);
        this.asRoot = ssh.user === "root" ? "" : "sudo -n ";
        const bundle = readBundle();
        const toolkit = new remote.Command(
            `${name}-toolkit`,
            {
                connection: this.connection,
                create: this.asRoot + INSTALL_TOOLKIT,
                // No secret, but a thousand lines that nobody wants to read in a diff; the trigger tells the change.
                stdin: pulumi.secret(`${bundle.hash}\n${bundle.text}`),
                triggers: [bundle.hash, args.machine],
                logging: "stderr",
                addPreviousOutputInEnv: false,
            },
            { parent: this },
        );
        const installed =
            install &&
            new Install(
                `${name}-install`,
                { host: this, machine: args.machine, wish: install, backup },
                { parent: this, dependsOn: toolkit },
            );
        this.instance = installed?.instance ?? pulumi.output(args.instance);
        const credentials = new remote.Command(
            `${name}-offsite`,
            {
                connection: this.connection,
                create: this.command("offsite"),
                stdin: pulumi.secret(pulumi.jsonStringify({ ...location, ...backup, startTimeout, smoke, webhook })),
                triggers: [this.instance],
                logging: "stderr",
                addPreviousOutputInEnv: false,
            },
            { parent: this, dependsOn: toolkit },
        );
        this.docker = new docker.Provider(
            `${name}-docker`,
            {
                host: pulumi.interpolate`ssh://${ssh.user}@${address}:${ssh.port}`,
                // Of a server that the stack makes nobody else has the key.
                sshOpts: pulumi
                    .output(args.address === undefined ? undefined : args.hostKey)
                    .apply((hostKey) => sshOptions({ ...ssh, hostKey })),
            },
            { parent: this },
        );
        this.ready = [toolkit, credentials];
        this.registerOutputs({});
    }

    /** Command text of an operation; constant, its input comes on stdin. */
    public command(operation: string): string {
        return `${this.asRoot}/usr/local/sbin/specivo-host ${operation}`;
    }
}
