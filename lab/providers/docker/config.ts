import { hasValue, type Props } from "../core/values";

export interface RegistryAuth {
    readonly address: string;
    readonly username: string;
    readonly password: string;
}

export interface DockerConfig {
    readonly host: string;
    readonly sshOpts: string[];
    readonly registries: Record<string, RegistryAuth>;
}

/** Structured settings of a provider arrive as JSON text; the same is written plainly when the plugin is tested by hand. */
function list(value: unknown): unknown[] {
    const parsed: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
    return Array.isArray(parsed) ? parsed : [];
}

const REFUSED = ["context", "caMaterial", "certMaterial", "certPath", "keyMaterial"];

export function dockerConfig(settings: Props): DockerConfig {
    for (const name of REFUSED.filter((each) => hasValue(settings[each]) && settings[each] !== "")) {
        throw new Error(`${name}: not supported by this stand-in of the docker plugin`);
    }
    const fromEnvironment = (process.env.DOCKER_SSH_OPTS ?? "").split(/\s+/).filter((word) => word !== "");
    const sshOpts = list(settings.sshOpts) as string[];
    const auths = list(settings.registryAuth).map((each) => registryAuth(each as Props));
    return {
        host: checkedHost((settings.host as string | undefined) ?? process.env.DOCKER_HOST ?? DEFAULT_HOST),
        sshOpts: sshOpts.length > 0 ? sshOpts : fromEnvironment,
        registries: Object.fromEntries(auths.map((auth) => [hostName(auth.address), auth])),
    };
}

const DEFAULT_HOST = "unix:///var/run/docker.sock";

function checkedHost(host: string): string {
    if (!host.includes("://")) {
        throw new Error(`${UNEXPECTED}unable to parse docker host \`${host}\``);
    }
    if (host.startsWith("ssh://")) {
        const wrong = wrongWithSsh(host);
        if (wrong !== undefined) {
            throw new Error(`${UNEXPECTED}ssh host connection is not valid: invalid SSH URL: ${wrong}`);
        }
    }
    return host;
}

/** How the original begins all that goes wrong with the host's address. */
export const UNEXPECTED = "docker native provider returned an unexpected error from Configure: ";

function wrongWithSsh(host: string): string | undefined {
    if (!URL.canParse(host) || new URL(host).hostname === "") {
        return "hostname is empty";
    }
    return new URL(host).password === "" ? undefined : "plain-text password is not supported";
}

function registryAuth(settings: Props): RegistryAuth {
    const address = settings.address as string;
    const disabled = settings.authDisabled === true;
    return {
        address: /^https?:\/\//.test(address) ? address : `https://${address}`,
        // Docker needs some credentials even where none are asked for.
        username: disabled ? "username" : ((settings.username as string | undefined) ?? ""),
        password: disabled ? "password" : ((settings.password as string | undefined) ?? ""),
    };
}

function hostName(address: string): string {
    return address.replace(/^https?:\/\//, "").split("/")[0] ?? "";
}
