import { tag, untag } from "../../support/faults";
import type { Fault } from "./fault";

/** A tag of the tests' own, which may vanish and move. */
const OURS = "0.1.77";

/** What becomes of the registry once the plan has been made, while the backup runs. */
const meanwhile = { change: "upgrade", step: "backup", within: 3_000, ends: "failed", on: "from" } as const;
const cantPull = /error pulling image|unable to find or pull image/;

export const registry: readonly Fault[] = [
    {
        name: "the registry is gone from the beginning",
        change: "upgrade",
        before: (stage) => stage.fault("registry-gone"),
        ends: "failed",
        on: "from",
        says: /registry/,
    },
    {
        ...meanwhile,
        name: "the registry goes before the pull",
        make: (stage) => stage.fault("registry-gone"),
        says: cantPull,
    },
    {
        ...meanwhile,
        name: "the registry answers with errors when it comes to the pull",
        make: (stage) => stage.fault("registry-broken"),
        says: cantPull,
    },
    {
        ...meanwhile,
        name: "too many pulls for the registry",
        make: (stage) => stage.fault("registry-limited"),
        says: cantPull,
    },
    {
        ...meanwhile,
        name: "the pull is cut in its middle, each time",
        make: (stage) => stage.fault("registry-cuts", "1000"),
        says: cantPull,
    },
    {
        name: "the pull is slow",
        change: "upgrade",
        step: "backup",
        make: (stage) => stage.fault("registry-slow", "4000"),
        ends: "well",
    },
    {
        name: "there is no such tag",
        change: "upgrade",
        config: { specivoVersion: "0.1.78" },
        ends: "failed",
        on: "from",
        says: /no specivo\/specivo:0\.1\.78|0\.1\.78.* (is not|isn't|does not)/,
    },
    {
        ...meanwhile,
        name: "the tag goes before the pull",
        before: () => tag(OURS, "0.1.10"),
        config: { specivoVersion: OURS },
        make: () => untag(OURS),
        says: cantPull,
    },
    {
        ...meanwhile,
        name: "the tag is moved to another image before the pull",
        before: () => tag(OURS, "0.1.10"),
        config: { specivoVersion: OURS },
        make: () => tag(OURS, "0.1.8"),
        after: () => untag(OURS),
        says: /digest|another image/,
    },
];
