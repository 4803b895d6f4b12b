import type { Facts } from "./facts";
import { nextId, numberOf, type Transition } from "./ledger";
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

/** What there is before it is installed. */
export interface Origin {
    readonly lost?: Lost | undefined;
    /** Its files and data lie there already, as on a volume that another server has left. */
    readonly inPlace: boolean;
}

/**
 * There is none; or one that only has to be started. One that has a ledger here was taken down by hand, and is not for us to start: the
 * installation has run for it and would not run again.
 */
export function isMissing({ install, services, transitions }: Facts, mayInstall = false): boolean {
    return !install.present || (mayInstall && services.length === 0 && transitions.length === 0);
}

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
    const origin = { lost, inPlace: facts.install.present };
    return plan({ ...target, imageDigest: digest }, image, facts.install.dir, origin, facts.transitions);
}

/** The same on a server that is yet to be made, so that nothing can be looked at. */
export function planFirst(target: Target, dir: string, origin: Origin): Plan {
    return plan(target, `${target.imageRepository}:${target.version}`, dir, origin, []);
}

function plan(target: Target, image: string, dir: string, origin: Origin, ledger: Facts["transitions"]): Plan {
    const { version, imageDigest: digest } = target;
    const { lost, inPlace } = origin;
    const from = lost === undefined ? version : versionOf(lost, version);
    const unseen = lost === undefined ? 0 : lost.last === undefined ? UNSEEN : numberOf(lost.last.id);
    const transition: Transition = {
        id: nextId(ledger, from, version, unseen),
        instance: "",
        direction: from === version ? "adopt" : "upgrade",
        from,
        to: version,
        ...(digest === "" ? {} : { digest }),
    };
    const lines = [
        inPlace
            ? `start: Specivo in ${dir}, as it lies there`
            : `${lost === undefined ? "install" : "bring back"}: Specivo ${version} in ${dir}`,
        ...paragraph("image", [`${image}${digest === "" ? "" : `, as ${digest}`}`]),
        ...(inPlace ? IN_PLACE_LINES : lost === undefined ? newLines(dir) : lostLines(lost, transition)),
    ];
    return { kind: "plan", transition, work: "all", image, lines, releases: [], warnings: [], installs: true };
}

/** The version that the data will be of, as far as can be told; where it is of another one, preflight says so and the next plan knows. */
function versionOf({ last }: Lost, version: string): string {
    const [from, to] = [parseVersion(last?.from ?? ""), parseVersion(version)];
    const upgrade = from !== undefined && to !== undefined && compareVersions(to, from) > 0 && isAllowedHop(from, to);
    return upgrade ? (last?.from ?? version) : version;
}

const IN_PLACE_LINES = paragraph("data", [
    "what lies there, at the version it is of; backed up off the server and proven once it runs",
]);

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
