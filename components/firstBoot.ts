import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import * as path from "node:path";

const HOST_DIR = path.join(__dirname, "..", "host");

/** ECDSA, as a server has one key of each type, and its Ed25519 key is to be its own. */
const MAKE_KEY = `set -eu
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ssh-keygen -q -t ecdsa -N '' -C specivo-first-boot -f "$folder/key"
cat "$folder/key.pub" "$folder/key"`;

/**
 * Reads the server's own key over a connection that shows the known one. It is tried for five minutes: a droplet takes one to boot,
 * and shows other keys until its user data has run.
 */
export const LEARN_KEY = `set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "$ADDRESS $KNOWN_KEY" >"$folder/known_hosts"
tries=100
until timeout 20 ssh -F none -T -o BatchMode=yes -o IdentityFile=none -o ConnectTimeout=15 -o StrictHostKeyChecking=yes \\
    -o HostKeyAlgorithms="\${KNOWN_KEY%% *}" -o UserKnownHostsFile="$folder/known_hosts" -o GlobalKnownHostsFile=none \\
    "root@$ADDRESS" cat /etc/ssh/ssh_host_ed25519_key.pub 2>"$folder/refusal"; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then
        echo "The new server at $ADDRESS can't be reached, or does not show the key it was given; ssh says:" >&2
        cat "$folder/refusal" >&2
        exit 1
    fi
    sleep 3
done`;

/** Another key pair or address is no reason to ask a server again that has put the known key away. */
const AS_BEFORE = 'printf %s "$PULUMI_COMMAND_STDOUT"';

/** A volume that the droplet mounts. */
export interface Mount {
    readonly volume: string;
    readonly path: string;
}

/**
 * A host key pair that is known before the server is. Its private half is in the user data, and encrypted in the state; it
 * is of no use any more once the server's own key has been read over the connection that it verified.
 */
export class FirstBootKey extends pulumi.ComponentResource {
    /** `type base64`. */
    public readonly publicKey: pulumi.Output<string>;
    private readonly privateKey: pulumi.Output<string>;

    constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:FirstBootKey", name, {}, opts);
        const made = new local.Command(
            `${name}-make`,
            { create: MAKE_KEY, logging: "none", addPreviousOutputInEnv: false },
            { parent: this, additionalSecretOutputs: ["stdout", "stderr"] },
        );
        const lines = pulumi.secret(made.stdout).apply((text) => text.trim().split("\n"));
        this.publicKey = pulumi.unsecret(lines.apply(([line = ""]) => line.split(" ").slice(0, 2).join(" ")));
        this.privateKey = lines.apply(([, ...rest]) => `${rest.join("\n")}\n`);
        this.registerOutputs({});
    }

    /** The script that a droplet runs at its first boot. */
    userData(mount: Mount | undefined): pulumi.Output<string> {
        const script = readFileSync(path.join(HOST_DIR, "first-boot.sh"), "utf8");
        return this.privateKey.apply((key) =>
            [
                "#!/bin/bash",
                `SPECIVO_HOST_KEY=${Buffer.from(key).toString("base64")}`,
                `SPECIVO_VOLUME=${mount?.volume ?? ""}`,
                `SPECIVO_MOUNT=${mount?.path ?? ""}`,
                script,
            ].join("\n"),
        );
    }
}

export interface FirstBootArgs {
    /** Where the droplet is reached. */
    readonly address: pulumi.Input<string>;
    /** The droplet; another one boots for the first time again. */
    readonly droplet: pulumi.Input<string>;
    /** The key in its user data. */
    readonly key: FirstBootKey;
}

/** The first connections to a droplet: they learn its own host key, wait until it is ready, and retire the key of before. */
export class FirstBoot extends pulumi.ComponentResource {
    /** The droplet's own host key, `type base64`; known once all is installed. */
    public readonly hostKey: pulumi.Output<string>;
    /** Tells the machine from every other one, as facts do; known once all is installed. */
    public readonly machine: pulumi.Output<string>;

    constructor(name: string, args: FirstBootArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:FirstBoot", name, {}, opts);
        const { address, droplet, key } = args;
        const learned = new local.Command(
            `${name}-host-key`,
            {
                create: LEARN_KEY,
                update: AS_BEFORE,
                environment: { ADDRESS: address, KNOWN_KEY: key.publicKey },
                triggers: [droplet],
                logging: local.Logging.Stderr,
            },
            { parent: this },
        );
        const own = learned.stdout.apply((line) => line.split(" ").slice(0, 2).join(" "));
        const end = new remote.Command(
            `${name}-end`,
            {
                connection: { host: address, user: "root", hostKey: own, dialErrorLimit: 20, perDialTimeout: 15 },
                create: "bash -s",
                stdin: readFileSync(path.join(HOST_DIR, "first-boot-end.sh"), "utf8"),
                triggers: [droplet],
                logging: remote.Logging.Stderr,
                addPreviousOutputInEnv: false,
            },
            { parent: this },
        );
        this.hostKey = pulumi.all([own, end.stdout]).apply(([line]) => line.trim());
        this.machine = end.stdout.apply((line) => line.trim());
        this.registerOutputs({ hostKey: this.hostKey, machine: this.machine });
    }
}
