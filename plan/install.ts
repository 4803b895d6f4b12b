import type { Facts } from "./facts";
import type { Transition } from "./ledger";
import { megabytes } from "./needs";
import type { Plan, Refusal, Target } from "./plan";
import { paragraph } from "./paragraph";

/** The images of Specivo, PostgreSQL, Redis and nginx, and an empty database, with as much again for what comes. */
const ROOM = 4_000_000_000;

/**
 * A Specivo where there is none. What was installed is then taken over like any other: checked, backed up, proven, and its
 * ledger begun, so that the steps are those of every transition.
 */
export function planInstall(facts: Facts, target: Target, image: string): Plan | Refusal {
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
    return plan(target, image, facts.install.dir, imageDigest === "" ? (facts.target?.digest ?? "") : imageDigest);
}

/** The same on a server that is yet to be made, so that nothing can be looked at. */
export function planFirst(target: Target, dir: string): Plan {
    return plan(target, `${target.imageRepository}:${target.version}`, dir, target.imageDigest);
}

function plan({ version }: Target, image: string, dir: string, digest: string): Plan {
    const transition: Transition = {
        id: `${version}-to-${version}#1`,
        instance: "",
        direction: "adopt",
        from: version,
        to: version,
        ...(digest === "" ? {} : { digest }),
    };
    const lines = [
        `install: Specivo ${version} in ${dir}`,
        ...paragraph("image", [`${image}${digest === "" ? "" : `, as ${digest}`}`]),
        ...paragraph("data", ["none yet; the empty instance is backed up off the server and proven, with its secrets"]),
        ...paragraph("admin", [`the password will be in ${dir}/.admin-password on the server`]),
    ];
    return { kind: "plan", transition, work: "all", image, lines, releases: [], warnings: [] };
}
