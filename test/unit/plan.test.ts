import assert from "node:assert/strict";

import type { Facts, TransitionLine } from "../../plan/facts";
import { makePlan, type Plan } from "../../plan/plan";
import {
    begun,
    DIGEST,
    facts,
    finished,
    IMAGE_0_1_10,
    IMAGE_0_1_9,
    INSTANCE,
    services,
    upgraded,
    withService,
    without,
} from "./support/facts";

const target = (version: string) => ({
    version,
    imageRepository: "specivo/specivo",
    imageDigest: "",
    imageArchive: "",
});
const rollback = { rollbackWindow: 3600, restoreFrom: "" };

function planOf(found: Facts, version: string): Plan {
    const plan = makePlan(found, target(version), rollback);
    return plan.kind === "plan" ? plan : assert.fail(plan.sentence);
}

function refusalOf(found: Facts, version: string): string {
    const plan = makePlan(found, target(version), rollback);
    return plan.kind === "refusal" ? plan.sentence : assert.fail(`planned ${plan.transition.id}`);
}

describe("the plan for a healthy instance", () => {
    it("upgrades, and says from, to, image, steps and what happens to the data", () => {
        const plan = planOf(facts(), "0.1.10");
        assert.equal(plan.work, "all");
        assert.deepEqual(plan.transition, {
            id: "0.1.9-to-0.1.10#1",
            instance: INSTANCE,
            direction: "upgrade",
            from: "0.1.9",
            to: "0.1.10",
            digest: DIGEST,
        });
        assert.deepEqual(plan.lines, [
            "upgrade: Specivo 0.1.9 -> 0.1.10, transition 0.1.9-to-0.1.10#1",
            `  image:   specivo/specivo:0.1.10, pulled after the backup, as ${DIGEST}`,
            "  steps:   preflight, backup, image, rehearsal, version pin, rollout, verify, restore point",
            "  schema:  stays at 0020",
            "  data:    backed up off the server and proven first; stays as it is",
            "  room:    disk 926 MB of 20000 MB (dump or proof, and restore point 526 MB, image 400 MB)",
            "           memory 420 MB of 1200 MB (proof 300 MB, a second api 120 MB)",
            "  outage:  none: the new api starts beside the old one, and takes over when it is well",
        ]);
        assert.deepEqual(plan.warnings, []);
    });

    it("adopts the version that runs already", () => {
        const { transition, work } = planOf(facts(), "0.1.9");
        assert.deepEqual([transition.id, transition.direction, work], ["0.1.9-to-0.1.9#1", "adopt", "all"]);
    });

    it("has nothing to do, and nothing to say, after an upgrade", () => {
        const { transition, work, lines, warnings } = planOf(upgraded(), "0.1.10");
        assert.deepEqual([work, lines, warnings], ["nothing", [], []]);
        const { digest, ...planned } = planOf(facts(), "0.1.10").transition;
        assert.equal(digest, DIGEST);
        assert.deepEqual(transition, planned);
    });

    it("rolls back to a version that ran on the same schema", () => {
        const plan = planOf(
            upgraded({ target: { version: "0.1.9", imageId: IMAGE_0_1_9, registry: "not asked", digest: null } }),
            "0.1.9",
        );
        assert.deepEqual([plan.transition.id, plan.transition.direction], ["0.1.10-to-0.1.9#2", "rollback"]);
        assert.match(plan.lines.join("\n"), /already on the server/);
        assert.match(plan.lines.join("\n"), /data: {4}backed up off the server and proven first; stays as it is/);
    });

    it("warns when the registry can't be asked for an image that is not there", () => {
        const unreachable = (imageId: string | null) =>
            planOf(facts({ target: { version: "0.1.10", imageId, registry: "unreachable", digest: null } }), "0.1.10")
                .warnings;
        assert.match(unreachable(null).join(), /could not ask the registry for specivo\/specivo:0\.1\.10/);
        assert.deepEqual(unreachable(IMAGE_0_1_10), []);
    });
});

describe("the plan tells", () => {
    const toNext = (changes: Partial<Facts> = {}) =>
        facts({ version: "0.1.10", services: services("0.1.10", IMAGE_0_1_10), ...changes });
    const linesOf = (found: Facts, version: string) => planOf(found, version).lines.join("\n");

    it("which migrations will run, what is special about them, and what becomes of the data meanwhile", () => {
        const told = linesOf(
            toNext({ version: "0.2.1", database: { bundled: true, revision: "0023", bytes: 50_000_000 } }),
            "0.3.0",
        );
        assert.match(told, /schema: {2}0023 -> 0025: 0024, 0025 will run\n {11}0025 rewrites every issue/);
        assert.match(told, /while it is migrated nothing writes, and a restore point is kept/);
        assert.match(told, /rows that migrations write again 50 MB/);
    });

    it("that it does not know the migrations of a release newer than itself", () => {
        const newer = toNext({ version: "0.8.0", database: { bundled: true, revision: "0032", bytes: 1 } });
        assert.match(linesOf(newer, "0.9.0"), /schema: {2}0032; which migrations run shows when the image is here/);
        assert.match(linesOf(newer, "0.9.0"), /should 0\.9\.0 migrate it, nothing writes/);
    });

    it("the outage that a rollout of the same kind had the last time", () => {
        const rollouts = [
            { data: "keep", outageMs: 3100 },
            { data: "migrate", outageMs: 12_900 },
            { data: "keep", outageMs: 4200 },
        ] as const;
        assert.match(
            linesOf(
                facts({ rollouts: [...rollouts], cutOverObstacle: "the api publishes a port of its own" }),
                "0.1.10",
            ),
            /outage: {2}about 4 s, as the last time; the new api can't start beside the old one \(the api publishes a port of its own\)$/m,
        );
        assert.match(linesOf(toNext({ rollouts: [...rollouts] }), "0.2.0"), /outage: {2}about 12 s, as the last time/);
    });

    it("the releases it goes over", () => {
        assert.deepEqual(planOf(facts(), "0.2.0").releases, ["0.1.10", "0.2.0"]);
        assert.deepEqual(planOf(upgraded(), "0.1.10").releases, []);
    });

    it("what was changed by hand, when it puts that back", () => {
        const drifted = withService(withService(upgraded(), "api", { imageId: "sha256:other" }), "celery-beat", {
            state: "exited",
        });
        const told = linesOf({ ...drifted, install: { ...drifted.install, pin: "latest" } }, "0.1.10");
        assert.match(
            told,
            /drift: {3}\.env pins latest instead of 0\.1\.10\n {11}api runs .* instead of sha256:0110\n {11}celery-beat is exited/,
        );
    });

    it("loudly that everybody knows the key the instance runs with", () => {
        const settings = { changed: [], publicSecretKey: true, stealthPrefix: "" };
        for (const found of [facts({ settings }), upgraded({ settings })]) {
            assert.match(planOf(found, "0.1.10").warnings.join(), /^ANYBODY CAN SIGN IN AS ADMINISTRATOR: /);
        }
    });

    it("the digest that the config trusts, for the server to compare", () => {
        const plan = makePlan(facts(), { ...target("0.1.10"), imageDigest: DIGEST }, rollback);
        assert.equal(plan.kind === "plan" ? plan.transition.digest : plan.sentence, DIGEST);
    });

    it("no digest of an image that is on the server already, where the config trusts none", () => {
        const here = { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "not asked", digest: DIGEST } as const;
        assert.equal(planOf(facts({ target: here }), "0.1.10").transition.digest, undefined);
    });
});

describe("the plan after a transition", () => {
    const next = "0.1.10-to-0.1.10#2";
    for (const [name, found] of [
        ["another pin", upgraded({ install: { dir: "/opt/specivo", present: true, pin: "latest" } })],
        ["another api image", withService(upgraded(), "api", { imageId: "sha256:other" })],
        ["another worker image", withService(upgraded(), "celery-worker", { imageId: "sha256:other" })],
        ["another beat image", withService(upgraded(), "celery-beat", { imageId: "sha256:other" })],
        ["a stopped worker", withService(upgraded(), "celery-worker", { state: "exited" })],
        ["no beat", without(upgraded(), "celery-beat")],
        ["a rebuilt machine", upgraded({ instance: "0000000000ff" })],
        ["a recorded failure", upgraded({ transitions: [begun(), { state: "failed", id: "0.1.9-to-0.1.10#1" }] })],
    ] as const) {
        it(`repairs when it finds ${name}`, () => {
            const { transition, work } = planOf(found, "0.1.10");
            assert.deepEqual([transition.id, transition.direction, work], [next, "repair", "all"]);
        });
    }

    it("is not troubled by what is not Specivo's own", () => {
        assert.equal(planOf(withService(upgraded(), "redis", { imageId: "sha256:newer" }), "0.1.10").work, "nothing");
    });

    for (const state of ["failed", "recovered", "superseded"] as const) {
        it(`starts over, with a new id, after one that ${state}`, () => {
            const found = facts({ transitions: [begun(), { state, id: "0.1.9-to-0.1.10#1" }] });
            assert.equal(planOf(found, "0.1.10").transition.id, "0.1.9-to-0.1.10#2");
        });
    }

    it("starts over after one that was interrupted", () => {
        assert.equal(planOf(facts({ transitions: [begun()] }), "0.1.10").transition.id, "0.1.9-to-0.1.10#2");
    });

    it("takes an operation of another transition for no sign of life", () => {
        const found = facts({ transitions: [begun()], busy: { operation: "offsite", transition: "" } });
        assert.equal(planOf(found, "0.1.10").transition.id, "0.1.9-to-0.1.10#2");
    });

    it("follows one that is under way", () => {
        const busy = { operation: "backup", transition: "0.1.9-to-0.1.10#1" };
        const plan = planOf(facts({ transitions: [begun()], busy }), "0.1.10");
        assert.deepEqual([plan.transition.id, plan.work], ["0.1.9-to-0.1.10#1", "follow"]);
        assert.match(plan.lines.join(), /under way on the server \(backup\)/);
    });

    it("follows none that has ended, even while its last operation still holds the lock", () => {
        const busy = { operation: "verify", transition: "0.1.9-to-0.1.10#1" };
        const found = facts({ transitions: [begun(), { state: "recovered", id: "0.1.9-to-0.1.10#1" }], busy });
        assert.equal(planOf(found, "0.1.10").transition.id, "0.1.9-to-0.1.10#2");
    });

    it("judges a rollback by the schema that the version was last seen with", () => {
        const transitions: TransitionLine[] = [
            begun({ id: "0.1.9-to-0.1.9#1", direction: "adopt", to: "0.1.9", fromRevision: "0019" }),
            finished({ id: "0.1.9-to-0.1.9#1", version: "0.1.9", image: IMAGE_0_1_9 }),
            begun({ id: "0.1.9-to-0.1.10#2" }),
            finished({ id: "0.1.9-to-0.1.10#2" }),
        ];
        assert.equal(planOf(upgraded({ transitions }), "0.1.9").transition.direction, "rollback");
        assert.match(
            refusalOf(
                upgraded({ transitions, database: { bundled: true, revision: "0019", bytes: 13_000_000 } }),
                "0.1.9",
            ),
            /^0\.1\.9 ran with schema revision 0020/,
        );
    });

    it("looks at the last one only", () => {
        const transitions: TransitionLine[] = [
            begun(),
            finished(),
            begun({ id: "0.1.10-to-0.1.9#2", direction: "rollback", from: "0.1.10", to: "0.1.9" }),
            finished({ id: "0.1.10-to-0.1.9#2", version: "0.1.9", image: IMAGE_0_1_9 }),
        ];
        assert.equal(planOf(facts({ transitions }), "0.1.10").transition.id, "0.1.9-to-0.1.10#3");
        assert.equal(planOf(facts({ transitions }), "0.1.9").work, "nothing");
    });
});

describe("the plan refuses", () => {
    const silent = upgraded({ database: { bundled: true, revision: null, bytes: 13_000_000 } });
    const rolledForward = upgraded({ database: { bundled: true, revision: "0021", bytes: 13_000_000 } });
    for (const [name, found, version, sentence] of [
        [
            "a user without root rights",
            facts({ root: false }),
            "0.1.10",
            /^The operations need root rights on the server/,
        ],
        [
            "a user who may not use Docker",
            facts({ dockerRights: false }),
            "0.1.10",
            /^The pull runs as specivo:sshUser, which may not use Docker/,
        ],
        [
            "a server that lacks tools",
            facts({ tools: { docker: "26.1.5", compose: "2.26.1", restic: null, jq: null } }),
            "0.1.10",
            /^The server lacks restic, jq: install with `apt-get install -y restic jq`/,
        ],
        [
            "a server without Docker",
            facts({
                install: { dir: "/opt/specivo", present: false, pin: null },
                tools: { docker: null, compose: null, restic: "0.18.0", jq: "1.7" },
            }),
            "0.1.10",
            /^The server lacks docker, compose: .* docker\.io docker-compose` \(on Ubuntu it is docker-compose-v2\)/,
        ],
        [
            "a restic that is too old",
            facts({ tools: { docker: "26.1.5", compose: "2.26.1", restic: "0.14.0", jq: "1.7" } }),
            "0.1.10",
            /^The server has restic 0\.14\.0 and 0\.16\.1 is needed: Ubuntu 24\.04 and Debian 13 have one, elsewhere .* releases/,
        ],
        [
            "a compose that is too old to read the compose file",
            facts({
                tools: { docker: "26.1.5", compose: "2.21.0", restic: "0.16.4", jq: "1.7" },
                install: { dir: "/opt/specivo", present: false, pin: null },
            }),
            "0.1.10",
            /^The server has compose 2\.21\.0 and 2\.24\.0 is needed/,
        ],
        [
            "a server without Specivo",
            facts({
                install: { dir: "/srv/x", present: false, pin: null },
                tools: { docker: "26.1.5", compose: "2.26.1", restic: null, jq: null },
            }),
            "0.1.10",
            /^There is no Specivo in \/srv\/x/,
        ],
        [
            "a service that would go on with the old image",
            facts({
                services: [...facts().services, { ...facts().services[0]!, service: "flower", imageId: IMAGE_0_1_9 }],
            }),
            "0.1.10",
            /^flower runs Specivo's image too, .*`docker compose stop flower`.*`docker compose up -d flower`/,
        ],
        ["an instance without an api container", without(facts(), "api"), "0.1.10", /has no api container/],
        [
            "an api without a database",
            facts({ database: null }),
            "0.1.10",
            /^The api's DATABASE_URL names no PostgreSQL database/,
        ],
        ["a version that can't be told", facts({ version: null }), "0.1.10", /tells no version .* \(found null\)/],
        ["a version that is no release", facts({ version: "latest" }), "0.1.10", /\(found "latest"\)/],
        [
            "skipping minor versions, and names the way",
            facts(),
            "0.3.0",
            /skips minor versions: go one at a time, 0\.2\.1, 0\.3\.0, as `npm run upgrade -- 0\.3\.0` does\.$/,
        ],
        [
            "skipping them without knowing what there is",
            facts({ releases: null }),
            "0.8.0",
            /first to a release of 0\.2\.$/,
        ],
        [
            "a disk that is too small",
            facts({ space: { free: 700_000_000, image: 400_000_000 } }),
            "0.1.10",
            /^The server has 700 MB of disk to spare and this needs 926 MB \(dump or proof, and restore point 526 MB, image 400 MB\): free some/,
        ],
        [
            "too little memory for a second api",
            facts({ memory: { available: 350_000_000, api: 120_000_000 } }),
            "0.1.10",
            /^The server has 350 MB of memory to spare and this needs 420 MB \(proof 300 MB, a second api 120 MB\)/,
        ],
        [
            "too little memory for a proof, also on the way back",
            upgraded({ memory: { available: 200_000_000, api: 120_000_000 } }),
            "0.1.9",
            /^The server has 200 MB of memory to spare and this needs 300 MB \(proof 300 MB\)/,
        ],
        [
            "settings that would change, and names them without their values",
            facts({
                settings: {
                    changed: ["api: SECRET_KEY", "celery-worker: mount /app/data"],
                    publicSecretKey: false,
                    stealthPrefix: "",
                },
            }),
            "0.1.10",
            /other settings than it runs with \(api: SECRET_KEY, celery-worker: mount \/app\/data\): put these back in \/opt\/specivo/,
        ],
        [
            "rows that stop a migration on the way",
            facts({
                version: "0.7.0",
                database: { bundled: true, revision: "0027", bytes: 1 },
                stumbles: [{ revision: "0032", found: "a role of your own is named Non member" }],
            }),
            "0.8.0",
            /^The database has rows that the new version can't take: a role of your own is named Non member \(0032 stops at that\): /,
        ],
        [
            "rows that stop every start",
            facts({ stumbles: [{ revision: "seed", found: "2 rows of trackers are named Bug" }] }),
            "0.1.10",
            /2 rows of trackers are named Bug \(the start stops at that\)/,
        ],
        ["crossing a major version", facts(), "1.1.0", /crosses a major version.* a 0\.x release\.$/],
        [
            "a tag that does not exist",
            facts({ target: { version: "0.1.11", imageId: null, registry: "missing", digest: null } }),
            "0.1.11",
            /^The registry has no specivo\/specivo:0\.1\.11:/,
        ],
        [
            "an upgrade with an unhealthy database",
            withService(facts(), "db", { health: "unhealthy" }),
            "0.1.10",
            /and db is unhealthy:/,
        ],
        [
            "one with api starting",
            withService(facts(), "api", { health: "starting" }),
            "0.1.10",
            /and api is starting:/,
        ],
        [
            "one whose health page is hidden from Compose",
            withService(facts({ settings: { changed: [], publicSecretKey: false, stealthPrefix: "/hidden" } }), "api", {
                health: "unhealthy",
            }),
            "0.1.10",
            /and api is unhealthy: STEALTH_PREFIX moves the health page, .* has to ask for \/hidden\/health\/; correct it/,
        ],
        ["one with Redis down", withService(facts(), "redis", { state: "exited" }), "0.1.10", /and redis is exited:/],
        [
            "one with a worker that crashes",
            withService(facts(), "celery-worker", { state: "restarting" }),
            "0.1.10",
            /and celery-worker is restarting:/,
        ],
        ["one without nginx", without(facts(), "nginx"), "0.1.10", /and nginx has no container:/],
        ["one without the bundled database", without(facts(), "db"), "0.1.10", /and db has no container:/],
        ["going back to a version never seen", facts({ version: "0.1.10" }), "0.1.9", /has never seen 0\.1\.9/],
        [
            "going back over a migration",
            rolledForward,
            "0.1.9",
            /^0\.1\.9 ran with schema revision 0020, the database is at 0021, and there is no backup of 0\.1\.9 to put back/,
        ],
        [
            "going back with a database that does not answer",
            silent,
            "0.1.9",
            /^The database does not answer, and 0\.1\.9 takes its data as it is: start it, for example with [^,]*, then try again\.$/,
        ],
        [
            "repairing a schema that moved",
            rolledForward,
            "0.1.10",
            /^0\.1\.10 was recorded with schema revision 0020 and the database is at 0021 now: .*, or restore the database\.$/,
        ],
        [
            "repairing with a database that does not answer, which nothing is to be restored for",
            silent,
            "0.1.10",
            /^The database does not answer, or holds no Specivo: bring it up, [^,]* in \/opt\/specivo on the server, then try again\. If it can't be, `specivo-host restore ID`/,
        ],
        [
            "another target while one is under way",
            facts({ transitions: [begun()], busy: { operation: "rollout", transition: "0.1.9-to-0.1.10#1" } }),
            "0.1.9",
            /^0\.1\.9-to-0\.1\.10#1 is under way on the server \(rollout\) and goes to 0\.1\.10, not to 0\.1\.9/,
        ],
    ] as const) {
        it(name, () => assert.match(refusalOf(found, version), sentence));
    }

    it("another target while one is under way, and names the releases to it where that one is on the way", () => {
        const busy = { operation: "backup", transition: "0.1.9-to-0.1.10#1" };
        const found = facts({ transitions: [begun()], busy, releases: ["0.2.0", "0.2.1"] });
        const hops = (version: string) => {
            const plan = makePlan(found, target(version), rollback);
            return plan.kind === "refusal" ? plan.hops : assert.fail(`planned ${plan.transition.id}`);
        };
        assert.deepEqual(hops("0.3.0"), ["0.1.10", "0.2.1", "0.3.0"]);
        assert.deepEqual(hops("0.2.0"), ["0.1.10", "0.2.0"]);
        assert.equal(hops("0.1.9"), undefined);
        assert.equal(hops("0.5.0"), undefined);
    });

    it("no rows that only a later release stops at", () => {
        const found = facts({ stumbles: [{ revision: "0032", found: "a role of your own is named Non member" }] });
        assert.equal(planOf(found, "0.1.10").work, "all");
    });

    it("a tag that was moved from the digest that the config trusts", () => {
        const plan = makePlan(facts(), { ...target("0.1.10"), imageDigest: `sha256:${"e".repeat(64)}` }, rollback);
        assert.match(
            plan.kind === "refusal" ? plan.sentence : "",
            /is sha256:d{64} in the registry now and specivo:imageDigest is/,
        );
    });

    it("an image on the server that is not the one that the config trusts, unless it is taken over as it runs", () => {
        const here = { version: "0.1.9", imageId: IMAGE_0_1_9, registry: "not asked", digest: DIGEST } as const;
        const trusted = { ...target("0.1.9"), imageDigest: `sha256:${"e".repeat(64)}` };
        const back = makePlan(upgraded({ target: here }), trusted, rollback);
        assert.match(
            back.kind === "refusal" ? back.sentence : "",
            /^specivo\/specivo:0\.1\.9 is sha256:d{64} on the server and specivo:imageDigest is sha256:e{64}: /,
        );
        const adoption = makePlan(facts({ target: here }), trusted, rollback);
        assert.equal(adoption.kind === "plan" ? adoption.transition.direction : adoption.sentence, "adopt");
    });

    it("too long a way, and tells its hops", () => {
        const plan = makePlan(facts(), target("0.3.0"), rollback);
        assert.deepEqual(plan.kind === "refusal" ? plan.hops : undefined, ["0.2.1", "0.3.0"]);
    });

    it("no missing tag when the image is on the server", () => {
        const found = facts({
            target: { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "missing", digest: null },
        });
        assert.equal(planOf(found, "0.1.10").work, "all");
    });

    it("no upgrade for want of the bundled database when another one is used", () => {
        const found = without(facts({ database: { bundled: false, revision: "0020", bytes: 13_000_000 } }), "db");
        assert.equal(planOf(found, "0.1.10").work, "all");
    });

    it("no rollback for want of memory for a second api", () => {
        const plan = planOf(upgraded({ memory: { available: 350_000_000, api: 120_000_000 } }), "0.1.9");
        assert.equal(plan.transition.direction, "rollback");
        assert.match(plan.lines.join("\n"), /memory 300 MB of 350 MB \(proof 300 MB\)$/m);
    });

    it("no rollback for unhealthy services", () => {
        const found = withService(upgraded(), "api", { health: "unhealthy" });
        assert.equal(planOf(found, "0.1.9").transition.direction, "rollback");
    });
});
