import type { Facts } from "./facts";
import { type Transition, numberOf } from "./ledger";
import { megabytes } from "./needs";
import type { Plan, Refusal, Target } from "./plan";
import { paragraph } from "./paragraph";
import { compareVersions, isAllowedHop, parseVersion } from "./versions";

/** The images of Specivo, PostgreSQL, Redis and nginx, and an empty database, with as much again for what comes. */
const ROOM = 4_000_000_000;

/** An instance whose server was lost, and that is to come back where there is none. */
export interface Lost {
    /** `latest`, or the beginning of a backup's id. */
    readonly backup: string;
    /** The last transition of it that this stack knows, as a rule the one that the newest backup was made before. */
    readonly last: Transition | undefined;
}

/** Numbers of a ledger that nobody has seen yet end before it. */
const UNSEEN = 1000;

/**
 * A Specivo where there is none. What was installed is then taken over like any other: checked, backed up, proven, and its
 * ledger begun, so that the steps are those of every transition.
 */
export function planInstall(facts: Facts, target: Target, image: string, lost?: Lost): Plan | Refusal {
    const { imageDigest, imageArchive } = target;
    const registry = facts.target?.registry;
    if (registry === "missing" || registry === "no archive") {
        const where = registry === "missing" ? "the registry has" : `${imageArchive} on the server holds`;
        return {
            kind: "refusal",
            sentence: `${where} no ${image}: set specivo:specivoVersion to a release that is there.`,
        };
    }
    if (facts.space.free !== null && facts.space.free < ROOM) {
        const room = `${megabytes(facts.space.free)} are free, and ${megabytes(ROOM)} are needed`;
        return {
            kind: "refusal",
            sentence: `There is too little room on the server's disk to install Specivo: ${room}.`,
        };
    }
    const digest = imageDigest === "" ? (facts.target?.digest ?? "") : imageDigest;
    return plan({ ...target, imageDigest: digest }, image, facts.install.dir, lost);
}

/** The same on a server that is yet to be made, so that nothing can be looked at. */
export function planFirst(target: Target, dir: string, lost?: Lost): Plan {
    return plan(target, `${target.imageRepository}:${target.version}`, dir, lost);
}

function plan({ version, imageDigest: digest }: Target, image: string, dir: string, lost: Lost | undefined): Plan {
    const from = lost === undefined ? version : versionOf(lost, version);
    const number = lost === undefined ? 1 : (lost.last === undefined ? UNSEEN : numberOf(lost.last.id)) + 1;
    const transition: Transition = {
        id: `${from}-to-${version}#${number}`,
        instance: "",
        direction: from === version ? "adopt" : "upgrade",
        from,
        to: version,
        ...(digest === "" ? {} : { digest }),
    };
    const lines = [
        `${lost === undefined ? "install" : "bring back"}: Specivo ${version} in ${dir}`,
        ...paragraph("image", [`${image}${digest === "" ? "" : `, as ${digest}`}`]),
        ...(lost === undefined ? newLines(dir) : lostLines(lost, transition)),
    ];
    return { kind: "plan", transition, work: "all", image, lines, releases: [], warnings: [], installs: true };
}

/** The version that the data will be of, as far as can be told; where it is of another one, preflight says so and the next plan knows. */
function versionOf({ last }: Lost, version: string): string {
    const [from, to] = [parseVersion(last?.from ?? ""), parseVersion(version)];
    const upgrade = from !== undefined && to !== undefined && compareVersions(to, from) > 0 && isAllowedHop(from, to);
    return upgrade ? (last?.from ?? version) : version;
}

function newLines(dir: string): readonly string[] {
    return [
        ...paragraph("data", ["none yet; the empty instance is backed up off the server and proven, with its secrets"]),
        ...paragraph("admin", [`the password will be in ${dir}/.admin-password on the server`]),
    ];
}

function lostLines({ backup }: Lost, { direction, from }: Transition): readonly string[] {
    const which = backup === "latest" ? "the newest backup" : `backup ${backup}`;
    return [
        ...paragraph("data", [`${which}, with its settings and its ledger, at the version it is of`]),
        ...(direction === "upgrade" ? paragraph("then", [`upgraded from ${from}, of which it should be`]) : []),
    ];
}
