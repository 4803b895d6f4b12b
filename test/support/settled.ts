import { Installed } from "./instance";
import { on, tryOn } from "./lab";
import { until } from "./until";

/** Where on the droplet the operations of its first instance keep what they know. */
export const STATE = "/var/lib/specivo-upgrade/specivo-*";

/** Waits until no operation is under way, and all six containers are up and well. */
export async function settled(installed: Installed): Promise<void> {
    const unsettled = `for job in ${STATE}/jobs/*/; do [ -e $job/ended ] && [ ! -e $job/pinned ] || echo unsettled $job; done`;
    let seen = "";
    await until(300, "a healthy instance", async () => {
        const ended = await tryOn(installed.droplet, `${unsettled}; docker ps --format '{{.Names}} {{.Status}}'`);
        seen = ended.output;
        const up = seen.match(/^specivo-(?!upgrade-)\S+ Up (?!.*(starting|unhealthy))/gm)?.length ?? 0;
        const busy = seen.replace(`unsettled ${STATE}/jobs/*/`, "").includes("unsettled");
        return ended.status === 0 && !busy && up === 6 && (await installed.status()) === 302;
    }).catch((error: unknown) => {
        throw new Error(`${String(error)}; last seen:\n${seen}`);
    });
}

/** The version that serves; a schema that is not its own, a pin of another or a container left over is an error. */
export async function servedVersion(installed: Installed): Promise<string> {
    const { version } = JSON.parse(await on(installed.droplet, "specivo-host facts")) as { version: string };
    const revision = await installed.sql("SELECT version_num FROM alembic_version");
    const left = await on(
        installed.droplet,
        // A proof's server may wait for the rehearsal a while longer.
        "docker ps -a --filter label=specivo-upgrade.throwaway --format '{{.Names}}' | grep -vxE 'specivo-upgrade(-[0-9a-f]{12}){2}'; grep -x SPECIVO_VERSION=.* /opt/specivo/.env",
    );
    if (revision !== REVISIONS[version] || left.trim() !== `SPECIVO_VERSION=${version}`) {
        throw new Error(`${version} runs on schema ${revision}, with: ${left}`);
    }
    return version;
}

const REVISIONS: Readonly<Record<string, string>> = { "0.1.9": "0020", "0.1.10": "0020", "0.2.0": "0023" };
