import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

import type { SshSettings } from "../settings";
import { UserError } from "./userError";

/**
 * Options under which every `ssh` of this program runs, ours and that of the Docker provider.
 * The user's own ssh config is left out (`-F none`): the Command provider does not read it, so a host that only an alias
 * or a jump host can reach has to fail at the first look, not in the middle of an upgrade. Only the agent's keys
 * are offered, for the same reason.
 */
export function sshOptions(ssh: SshSettings): string[] {
    const options = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        ...(ssh.hostKey === undefined
            ? [`UserKnownHostsFile=${ssh.knownHostsPath}`]
            : ["UserKnownHostsFile=none", `KnownHostsCommand=/bin/echo %H ${ssh.hostKey}`]),
        "IdentityFile=none",
        "ConnectTimeout=15",
        "ServerAliveInterval=5",
        "ServerAliveCountMax=3",
    ];
    return ["-F", "none", "-T", ...options.flatMap((option) => ["-o", option])];
}

/**
 * Types of host keys that will do, best first. Any that the server has, as the Command provider asks the server for the type
 * of the key it is given; but not RSA, for which it would ask with SHA-1 signatures, which servers of today refuse.
 */
const HOST_KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/**
 * The one host key that the Command provider is to accept. The server's own list is as good as known_hosts: it came over
 * a connection whose key `ssh` had found there. And it is the same for all who work on the stack, while of several
 * keys one has this in known_hosts and another that, which would be a change of every command.
 */
export function chooseHostKey(ssh: SshSettings, serverKeys: readonly string[]): string {
    const ofType = (type: string) => serverKeys.find((key) => key.startsWith(`${type} `));
    const key = HOST_KEY_TYPES.map(ofType).find((found) => found !== undefined);
    if (key === undefined) {
        throw new UserError(
            `${ssh.host} has no SSH host key of the types ${HOST_KEY_TYPES.join(", ")}: make one with \`ssh-keygen -A\` on the server and restart its sshd.`,
        );
    }
    return key;
}

/** The Command provider's connection: verified, and without keys or a path of this machine (the agent is found by SSH_AUTH_SOCK). */
export function connectionArgs(
    { port, user }: Pick<SshSettings, "port" | "user">,
    host: pulumi.Input<string>,
    hostKey: pulumi.Input<string>,
): types.input.remote.ConnectionArgs {
    return { host, port, user, hostKey, dialErrorLimit: 10, perDialTimeout: 15 };
}
