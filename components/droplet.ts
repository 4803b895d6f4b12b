import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";

import { FirstBoot, FirstBootKey } from "./firstBoot";

export interface SpecivoDropletArgs {
    /** Name of the droplet, and of all that is made for it. */
    readonly name: string;
    /** Slug of the region, such as fra1. Another one is another droplet. */
    readonly region: string;
    /** Slug of the size. A change of it turns the droplet off and on again; its disk grows too, and can't shrink. */
    readonly size: string;
    /** Slug of the image. Matters when the droplet is made, and never after. */
    readonly image: string;
    /** Public key, of which the private one is in your agent. Matters when the droplet is made, and never after. */
    readonly sshPublicKey: string;
    /** Address ranges that may use SSH. */
    readonly sshFrom: readonly string[];
    /** Address ranges that may use Specivo. */
    readonly webFrom: readonly string[];
    /** The port that Specivo listens on. */
    readonly webPort: number;
    /** The port that SSH listens on, 22 by default: a new droplet's. */
    readonly sshPort?: number;
    /** Size in GB of a volume for the data, which outlives the droplet; 0 for none. It can grow, and can't shrink. */
    readonly volumeSize: number;
    /** Where the volume is mounted. */
    readonly volumeMount: string;
    readonly tags: readonly string[];
    /** DigitalOcean's metrics agent. Matters when the droplet is made, and never after. */
    readonly monitoring: boolean;
    /** Lets a change replace the droplet, which then loses what is on its own disk. */
    readonly allowReplacement: boolean;
    /** Its first boot is waited for, which tells its host key. Not for one that was made elsewhere and imported: that is known already. */
    readonly waitForFirstBoot: boolean;
}

/** Inputs whose later change would replace the droplet for nothing that a running server would notice. */
const ONLY_AT_CREATION = ["image", "sshKeys", "userData", "monitoring"];

const ANYWHERE = ["0.0.0.0/0", "::/0"];

/**
 * A server at DigitalOcean with Docker and restic on it, behind a firewall, at an address that outlives it. Address and
 * volume are protected for good, the droplet unless its replacement is allowed.
 */
export class SpecivoDroplet extends pulumi.ComponentResource {
    /** The reserved address. */
    public readonly address: pulumi.Output<string>;
    /** The server's own SSH host key, `type base64`: known once it is ready; empty where that is not waited for. */
    public readonly hostKey: pulumi.Output<string>;
    /** Tells the machine from every other one: another droplet is another one; empty as above. */
    public readonly machine: pulumi.Output<string>;

    constructor(name: string, args: SpecivoDropletArgs, opts?: pulumi.ComponentResourceOptions) {
        super("specivo:index:SpecivoDroplet", name, {}, opts);
        const child = { parent: this };
        const kept = { parent: this, protect: true };
        const { region, size, image, monitoring } = args;
        const tags = [...args.tags];

        const key = new digitalocean.SshKey(
            `${name}-ssh-key`,
            { name: args.name, publicKey: args.sshPublicKey.trim() },
            child,
        );
        const ip = new digitalocean.ReservedIp(`${name}-address`, { region }, kept);
        const volume =
            args.volumeSize === 0
                ? undefined
                : new digitalocean.Volume(
                      `${name}-volume`,
                      {
                          name: `${args.name}-data`,
                          region,
                          size: args.volumeSize,
                          initialFilesystemType: "ext4",
                          tags,
                      },
                      kept,
                  );
        const bootKey = new FirstBootKey(`${name}-first-boot-key`, child);
        const mount = volume === undefined ? undefined : { volume: `${args.name}-data`, path: args.volumeMount };
        const droplet = new digitalocean.Droplet(
            `${name}-droplet`,
            {
                name: args.name,
                region,
                size,
                image,
                monitoring,
                tags,
                sshKeys: [key.id],
                userData: bootKey.userData(mount),
                // Attached before it boots, and let go of before it is destroyed.
                ...(volume === undefined ? {} : { volumeIds: [volume.id] }),
            },
            { parent: this, protect: !args.allowReplacement, ignoreChanges: ONLY_AT_CREATION },
        );
        const id = droplet.id.apply(Number);
        const firewall = new digitalocean.Firewall(`${name}-firewall`, firewallArgs(args, id), child);
        const assignment = new digitalocean.ReservedIpAssignment(
            `${name}-assignment`,
            { ipAddress: ip.ipAddress, dropletId: id },
            // A droplet that goes lets go of the address; the plugin fails to take it from one that is gone.
            { parent: this, deleteBeforeReplace: true, deletedWith: droplet },
        );

        // Nothing is said to the server before the address is its own and the firewall stands.
        const address = pulumi.all([assignment.ipAddress, firewall.status]).apply(([given]) => given);
        const firstBoot = args.waitForFirstBoot
            ? new FirstBoot(`${name}-first-boot`, { address, droplet: droplet.id, key: bootKey }, child)
            : undefined;
        this.address = ip.ipAddress;
        this.hostKey = firstBoot?.hostKey ?? pulumi.output("");
        this.machine = firstBoot?.machine ?? pulumi.output("");
        this.registerOutputs({ address: this.address, hostKey: this.hostKey });
    }
}

/** In: SSH and Specivo, from where they are allowed. Out: everything, as images, updates and backups come and go. */
function firewallArgs(args: SpecivoDropletArgs, droplet: pulumi.Input<number>): digitalocean.FirewallArgs {
    const inbound = (port: number, from: readonly string[]) => ({
        protocol: "tcp",
        portRange: String(port),
        sourceAddresses: [...from],
    });
    const outbound = { portRange: "1-65535", destinationAddresses: ANYWHERE };
    return {
        name: args.name,
        dropletIds: [droplet],
        inboundRules: [inbound(args.sshPort ?? 22, args.sshFrom), inbound(args.webPort, args.webFrom)],
        outboundRules: [
            { protocol: "tcp", ...outbound },
            { protocol: "udp", ...outbound },
            { protocol: "icmp", destinationAddresses: ANYWHERE },
        ],
    };
}
