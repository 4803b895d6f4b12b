import { Droplet } from "./lab";
import { succeed } from "./run";

/** A shell command on the lab's SFTP server, in the directory that holds this droplet's repository; its stdout. */
export async function onTarget(droplet: Droplet, command: string): Promise<string> {
    const inside = `cd /srv/sftp/${droplet.name} && { ${command}\n}`;
    const script = '. lab/lib/common.sh && docker exec -i lab-sftp bash -euc "$0"';
    return (await succeed("bash", ["-c", script, inside])).stdout;
}

/** The same with the rights to mount something there. */
export async function onTargetsMounts(command: string): Promise<string> {
    const script = `. lab/lib/common.sh
        nsenter --target "$(docker inspect --format '{{.State.Pid}}' lab-sftp)" --mount --pid bash -euc "$0"`;
    return (await succeed("bash", ["-c", script, `cd /srv/sftp && { ${command}\n}`])).stdout;
}
