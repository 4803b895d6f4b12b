import type { Facts, Service } from "./facts";
import { APPLICATION_SERVICES, recordedRevision, type Transition } from "./ledger";
import { hopsTo } from "./hops";
import { isMissing } from "./install";
import { headOf } from "./migrations";
import type { Refusal, Target } from "./plan";
import { isAllowedHop, type Version } from "./versions";

/** Debian's package of each tool the operations need. */
const PACKAGES = { docker: "docker.io", compose: "docker-compose", restic: "restic", jq: "jq" } as const;

/**
 * The oldest that will do: compose reads `env_file` with `required` since 2.24; restic takes `sftp.args` since 0.16.1, and `--retry-lock`,
 * `repair packs` and a folder to restore since 0.16.0.
 */
const OLDEST = { compose: [2, 24, 0], restic: [0, 16, 1] } as const;

/** Where to get one, from outside the distribution too. */
const NEWER = {
    compose: "take the package docker-compose of Debian 13 or docker-compose-v2 of Ubuntu 24.04, or Docker's own",
    restic: "Ubuntu 24.04 and Debian 13 have one, elsewhere put the program from restic's releases on GitHub into /usr/local/bin",
} as const;

/** Why nothing can be done on this server at all. */
export function refuseHost(facts: Facts, { imageRepository, mayInstall }: Target): string | undefined {
    if (!facts.root) {
        return "The operations need root rights on the server: set specivo:sshUser to root, or to a user with passwordless sudo.";
    }
    if (!facts.dockerRights) {
        return "The pull runs as specivo:sshUser, which may not use Docker: add it to the group with `usermod -aG docker USER` on the server, or set specivo:sshUser to root.";
    }
    const missing = (["docker", "compose", "restic", "jq"] as const).filter((tool) => facts.tools[tool] === null);
    // Without compose its project can't be read, so that no Specivo seems to be there.
    if (
        !facts.install.present &&
        !mayInstall &&
        facts.tools.compose !== null &&
        !isOlder(facts.tools.compose, OLDEST.compose)
    ) {
        return `There is no Specivo in ${facts.install.dir} (no compose file): set specivo:installDir to the directory that holds it, or specivo:adminEmail to have one installed.`;
    }
    if (missing.length > 0) {
        const packages = missing.map((tool) => PACKAGES[tool]).join(" ");
        const onUbuntu = missing.includes("compose") ? " (on Ubuntu it is docker-compose-v2)" : "";
        return `The server lacks ${missing.join(", ")}: install with \`apt-get install -y ${packages}\`${onUbuntu}, then try again.`;
    }
    for (const tool of ["compose", "restic"] as const) {
        if (isOlder(facts.tools[tool] ?? "", OLDEST[tool])) {
            return `The server has ${tool} ${facts.tools[tool]} and ${OLDEST[tool].join(".")} is needed: ${NEWER[tool]}, then try again.`;
        }
    }
    if (isMissing(facts, mayInstall)) {
        return undefined;
    }
    if (!facts.services.some(({ service }) => service === "api")) {
        return `Specivo in ${facts.install.dir} has no api container (image ${imageRepository}): start it with \`docker compose up -d\` there, then try again.`;
    }
    if (facts.database === null) {
        return `The api's DATABASE_URL names no PostgreSQL database that can be understood: correct it in ${facts.install.dir}/.env, as postgresql+asyncpg://USER:PASSWORD@HOST:PORT/NAME.`;
    }
    return undefined;
}

/** Whether a version such as `2.26.1-4` is below the oldest that will do. What can't be read is taken as new. */
function isOlder(version: string, oldest: readonly [number, number, number]): boolean {
    const parts = /^v?(\d+)\.(\d+)(?:\.(\d+))?/
        .exec(version)
        ?.slice(1)
        .map((part) => Number(part ?? 0));
    const difference = parts?.map((part, index) => part - (oldest[index] ?? 0)).find((value) => value !== 0);
    return (difference ?? 0) < 0;
}

interface Versions {
    readonly from: Version;
    readonly to: Version;
}

/** The image asked for, the digest it must have and the archive it comes from; empty for any, and for none. */
interface Wanted {
    readonly image: string;
    readonly digest: string;
    readonly archive: string;
}

/** Why this transition must not be begun. */
export function refuseMove(
    facts: Facts,
    transition: Transition,
    versions: Versions,
    wanted: Wanted,
): Refusal | undefined {
    const { direction } = transition;
    const { from, to } = versions;
    if (from.major !== to.major || (direction === "upgrade" && !isAllowedHop(from, to))) {
        return refuseHop(facts, transition, versions);
    }
    const sentence =
        refuseImage(facts, wanted) ??
        refuseSettings(facts) ??
        (direction === "upgrade" || direction === "rollback" ? refuseStrangers(facts) : undefined) ??
        (direction === "upgrade" ? (refuseUnhealthy(facts) ?? refuseStumbles(facts, to)) : undefined) ??
        (direction === "repair" ? refuseRepair(facts, transition) : undefined);
    return sentence === undefined ? undefined : { kind: "refusal", sentence };
}

function refuseHop(facts: Facts, { from, to }: Transition, versions: Versions): Refusal {
    if (versions.from.major !== versions.to.major) {
        const sentence = `Going from ${from} to ${to} crosses a major version, which is not supported: set specivo:specivoVersion to a ${versions.from.major}.x release.`;
        return { kind: "refusal", sentence };
    }
    const hops = hopsTo(versions.from, versions.to, facts.releases ?? []);
    const way =
        hops === undefined
            ? `first to a release of ${versions.from.major}.${versions.from.minor + 1}`
            : `${hops.join(", ")}, as \`npm run upgrade -- ${to}\` does`;
    const sentence = `Going from ${from} to ${to} skips minor versions: go one at a time, ${way}.`;
    return hops === undefined ? { kind: "refusal", sentence } : { kind: "refusal", sentence, hops };
}

function refuseImage({ target }: Facts, { image, digest, archive }: Wanted): string | undefined {
    if (target?.registry === "no archive") {
        return `There is no image archive ${archive} on the server: put the one of ${image} there, or correct specivo:imageArchive.`;
    }
    if (target?.registry === "missing" && target.imageId === null) {
        return `The registry has no ${image}: set specivo:specivoVersion to a release that exists.`;
    }
    const found = target?.digest ?? null;
    return digest !== "" && found !== null && found !== digest
        ? `${image} is ${found} ${target?.imageId === null ? "in the registry now" : "on the server"} and specivo:imageDigest is ${digest}: if that is the digest of another version, set both; else find out why the tag was moved, then set the digest you trust.`
        : undefined;
}

/** Services that are not known here would go on with the old image, and write while the data moves. */
function refuseStrangers({ services }: Facts): string | undefined {
    const application: readonly string[] = APPLICATION_SERVICES;
    const images = services.filter(({ service }) => application.includes(service)).map(({ imageId }) => imageId);
    const strangers = services.filter(
        ({ service, imageId, state }) =>
            state === "running" && images.includes(imageId) && !application.includes(service),
    );
    const names = [...new Set(strangers.map(({ service }) => service))].join(" ");
    return names === ""
        ? undefined
        : `${names} runs Specivo's image too, and would go on with the old one: stop it on the server (\`docker compose stop ${names}\`), and start it again (\`docker compose up -d ${names}\`) when this is done.`;
}

/** An upgrade changes the image and nothing else. */
function refuseSettings({ settings, install }: Facts): string | undefined {
    const changed = settings?.changed ?? [];
    return changed.length > 0
        ? `\`docker compose\` would now start the application with other settings than it runs with (${changed.join(", ")}): put these back in ${install.dir}, or apply them first with \`docker compose up -d\` there.`
        : undefined;
}

/** Rows that stop a migration of the release asked for, or the seed that runs at its start. */
function refuseStumbles(facts: Facts, to: Version): string | undefined {
    const current = facts.database?.revision ?? "";
    const head = headOf(to);
    const found = facts.stumbles.filter(
        ({ revision }) => revision === "seed" || (revision > current && (head === undefined || revision <= head)),
    );
    const what = found.map(
        ({ revision, found: what }) => `${what} (${revision === "seed" ? "the start" : revision} stops at that)`,
    );
    return what.length > 0
        ? `The database has rows that the new version can't take: ${what.join("; ")}: change or remove them in Specivo, then try again.`
        : undefined;
}

/** Only api, db and redis have a health check; of the others it is known that they run, and no more. */
function refuseUnhealthy(facts: Facts): string | undefined {
    const needed: readonly string[] = ["nginx", ...APPLICATION_SERVICES, ...(facts.database?.bundled ? ["db"] : [])];
    const absent = needed.filter((name) => !facts.services.some(({ service }) => service === name));
    const bad = [
        ...absent.map((name) => `${name} has no container`),
        ...facts.services.filter((service) => !isWell(service)).map((one) => `${one.service} is ${stateOf(one)}`),
    ];
    const { stealthPrefix = "" } = facts.settings ?? {};
    const advice =
        stealthPrefix === ""
            ? "see `docker compose ps` and `docker compose logs`, then try again"
            : `STEALTH_PREFIX moves the health page, so the health check in the compose file has to ask for ${stealthPrefix}/health/; correct it, then try again`;
    return bad.length > 0
        ? `An upgrade starts from a healthy instance only, and ${bad.join(", ")}: ${advice}.`
        : undefined;
}

function isWell({ service, state, health }: Service): boolean {
    const checked = ["api", "db", "redis"].includes(service);
    const known = checked || ["nginx", "celery-worker", "celery-beat"].includes(service);
    return !known || (state === "running" && (!checked || health === "healthy"));
}

function stateOf({ state, health }: Service): string {
    return state === "running" ? (health ?? "without a health check") : state;
}

/** A schema that moved under an unchanged version means another version ran here: nothing to be papered over. */
function refuseRepair(facts: Facts, { to }: Transition): string | undefined {
    const recorded = recordedRevision(facts, to);
    const revision = facts.database?.revision ?? null;
    if (recorded === undefined || recorded === revision) {
        return undefined;
    }
    return revision === null
        ? `The database does not answer, or holds no Specivo: bring it up, for example with \`docker compose up -d db\` in ${facts.install.dir} on the server, then try again. If it can't be, \`specivo-host restore ID\` there puts a backup back, and \`specivo-host backups\` lists them.`
        : `${to} was recorded with schema revision ${recorded} and the database is at ${revision} now: set specivo:specivoVersion to the release that moved it, or restore the database.`;
}
