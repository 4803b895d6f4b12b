import type { Policies, PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";

import { parseVersion } from "../plan/versions";

/** Types as the engine names them; the providers' own packages are not needed to know them. */
const COMMAND = "command:remote:Command";
const COPY = "command:remote:CopyToRemote";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const DOCKER = "pulumi:providers:docker";
const DROPLET = "digitalocean:index/droplet:Droplet";
const FIREWALL = "digitalocean:index/firewall:Firewall";

/** An operation of `specivo-host`, as root or by sudo. */
const operation = (create: unknown) => /^(?:sudo -n )?\S*\/specivo-host (\S+)$/.exec(String(create))?.[1];

/** Moving tags bring a version that nobody chose, and can't be rolled back to. */
const pinnedVersion: ResourceValidationPolicy = {
    name: "pinned-version",
    description: "The image is one release, X.Y.Z, or one digest.",
    validateResource: ({ type, props }, report) => {
        const name: unknown = props.name;
        if (type !== IMAGE || typeof name !== "string") {
            return;
        }
        const tag = /:([^:/@]+)$/.exec(name)?.[1] ?? "";
        if (!/@sha256:[0-9a-f]{64}$/.test(name) && parseVersion(tag) === undefined) {
            report(`The image is ${name}: set specivo:specivoVersion to one release, X.Y.Z.`);
        }
    },
};

/** Backups that lie on the server alone are lost with it. */
const offHostBackup: ResourceValidationPolicy = {
    name: "off-host-backup",
    description: "Backups leave the server that they are of.",
    validateResource: ({ type, props }, report) => {
        if (type === COMMAND && operation(props.create) === "offsite" && repositoryIn(props.stdin) === "local") {
            report(
                "Backups stay on the server: set specivo:offsiteRepository, and take specivo:allowOnHostBackupOnly out.",
            );
        }
    },
};

function repositoryIn(stdin: unknown): unknown {
    try {
        return (JSON.parse(String(stdin)) as { repository?: unknown }).repository;
    } catch {
        // It is not known yet, as in a preview.
        return undefined;
    }
}

/** Without it the Command provider takes any server for the right one, and ssh may. */
const hostKeySet: ResourceValidationPolicy = {
    name: "host-key-set",
    description: "Each connection to a server is to the one whose key is known.",
    validateResource: ({ type, props, name }, report) => {
        if (type === COMMAND || type === COPY) {
            const { hostKey } = (props.connection ?? {}) as { hostKey?: unknown };
            if (typeof hostKey !== "string" || !/^[\w-]+ \S+/.test(hostKey)) {
                report(`The connection of ${name} names no host key: give connection.hostKey.`);
            }
        }
        if (type === DOCKER && String(props.host).startsWith("ssh://")) {
            const options = optionsOf(props.sshOpts);
            if (!options.includes("StrictHostKeyChecking=yes")) {
                report(`The Docker provider ${name} takes any host key: give StrictHostKeyChecking=yes in sshOpts.`);
            }
        }
    },
};

/** The engine hands lists to a provider as JSON text. */
function optionsOf(sshOpts: unknown): readonly unknown[] {
    try {
        const options: unknown = typeof sshOpts === "string" ? JSON.parse(sshOpts) : sshOpts;
        return Array.isArray(options) ? options : [];
    } catch {
        return [];
    }
}

/** Only what the engine knows of as a need is kept to when resources are added or steps left out. */
const backupBeforePull: StackValidationPolicy = {
    name: "backup-before-pull",
    description: "No image is pulled, and none is loaded, but by a step that needs the backup's outcome.",
    validateStack: ({ resources }, report) => {
        const backups = new Set(resources.filter(isOperation("backup")).map(({ urn }) => urn));
        const pulls = resources.filter((one) => one.type === IMAGE || isOperation("load")(one));
        for (const pull of pulls) {
            const needed = [...pull.dependencies, ...Object.values(pull.propertyDependencies).flat()];
            if (!needed.some(({ urn }) => backups.has(urn))) {
                report(`${pull.name} does not wait for a backup: give it the backup's id as an input.`, pull.urn);
            }
        }
    },
};

function isOperation(name: string): (resource: PolicyResource) => boolean {
    return ({ type, props }) => type === COMMAND && operation(props.create) === name;
}

/** Many of its inputs replace a droplet, with all that is on it, when they change. */
const protectedDroplet: ResourceValidationPolicy = {
    name: "protected-droplet",
    description: "No droplet can be deleted, or replaced, by mistake.",
    validateResource: ({ type, opts, name }, report) => {
        if (type === DROPLET && !opts.protect) {
            report(`The droplet ${name} is not protected: give it the option \`protect: true\`.`);
        }
    },
};

interface InboundRule {
    readonly portRange?: string;
    readonly protocol?: string;
    readonly sourceAddresses?: readonly string[];
}

const closedFirewall: ResourceValidationPolicy = {
    name: "closed-firewall",
    description: "From everywhere only the ports of the web can be reached.",
    configSchema: {
        properties: { publicPorts: { type: "array", items: { type: "string" }, default: ["80", "443"] } },
    },
    validateResource: (args, report) => {
        const { type, props, name } = args;
        if (type !== FIREWALL) {
            return;
        }
        const { publicPorts = ["80", "443"] } = args.getConfig<{ publicPorts?: string[] }>();
        for (const rule of (props.inboundRules ?? []) as readonly InboundRule[]) {
            const { portRange = "all", protocol = "", sourceAddresses = [] } = rule;
            const world = sourceAddresses.filter((address) => /\/0$/.test(address));
            if (world.length > 0 && protocol !== "icmp" && !publicPorts.includes(portRange)) {
                report(
                    `The firewall ${name} lets ${world.join(" and ")} reach ${protocol} ${portRange}: name the addresses that need it in sourceAddresses.`,
                );
            }
        }
    },
};

/** What every stack keeps to; each is mandatory unless a policy config says otherwise. */
export const policies: Policies = [
    pinnedVersion,
    offHostBackup,
    hostKeySet,
    backupBeforePull,
    protectedDroplet,
    closedFirewall,
];
