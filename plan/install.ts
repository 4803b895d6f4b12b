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
    const { version, imageDigest, imageArchive } = target;
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
    const digest = imageDigest === "" ? facts.target?.digest : imageDigest;
    const transition: Transition = {
        id: `${version}-to-${version}#1`,
        instance: "",
        direction: "adopt",
        from: version,
        to: version,
        ...(digest === undefined || digest === null ? {} : { digest }),
    };
    const lines = [
        `install: Specivo ${version} in ${facts.install.dir}`,
        ...paragraph("image", [`${image}${digest === undefined || digest === null ? "" : `, as ${digest}`}`]),
        ...paragraph("data", ["none yet; the empty instance is backed up off the server and proven, with its secrets"]),
        ...paragraph("admin", [`the password will be in ${facts.install.dir}/.admin-password on the server`]),
    ];
    return { kind: "plan", transition, work: "all", image, lines, releases: [], warnings: [] };
}
