import type { Begun, Facts, Finished, Service, TransitionLine } from "../../../plan/facts";

export const INSTANCE = "1f3870be274f";
export const DIGEST = `sha256:${"d".repeat(64)}`;
export const IMAGE_0_1_9 = "sha256:0109";
export const IMAGE_0_1_10 = "sha256:0110";

/** The six containers of a healthy instance; only three of them have a health check. */
export function services(version: string, imageId: string): Service[] {
    const application = { image: `specivo/specivo:${version}`, imageId, state: "running" };
    const other = (service: string, health: string | null): Service => ({
        service,
        container: `${service}-1`,
        image: `${service}:1`,
        imageId: `sha256:${service}`,
        state: "running",
        health,
    });
    return [
        other("nginx", null),
        { ...application, service: "api", container: "api-1", health: "healthy" },
        { ...application, service: "celery-worker", container: "worker-1", health: null },
        { ...application, service: "celery-beat", container: "beat-1", health: null },
        other("db", "healthy"),
        other("redis", "healthy"),
    ];
}

/** A healthy instance on 0.1.9 on which this program has done nothing yet. */
export function facts(changes: Partial<Facts> = {}): Facts {
    return {
        schema: 1,
        now: new Date("2026-11-24T10:00:00Z"),
        instance: INSTANCE,
        machine: "7d6e5f4a3b2c",
        root: true,
        dockerRights: true,
        tools: { docker: "26.1.5", compose: "2.26.1", restic: "0.18.0", jq: "1.7" },
        install: { dir: "/opt/specivo", present: true, pin: "0.1.9" },
        services: services("0.1.9", IMAGE_0_1_9),
        version: "0.1.9",
        database: { bundled: true, revision: "0020", bytes: 13_000_000 },
        settings: { changed: [], publicSecretKey: false, stealthPrefix: "" },
        space: { free: 20_000_000_000, image: 400_000_000 },
        memory: { available: 1_200_000_000, api: 120_000_000 },
        cutOverObstacle: null,
        target: { version: "0.1.10", imageId: null, registry: "found", digest: DIGEST },
        releases: ["0.1.8", "0.1.9", "0.1.10", "0.2.0", "0.2.1", "0.3.0"],
        stumbles: [],
        hostKeys: ["ecdsa-sha2-nistp256 AAAAE2V", "ssh-ed25519 AAAAC3N"],
        busy: null,
        transitions: [],
        backups: [],
        forgotten: [],
        restorePoints: [],
        rollouts: [],
        since: null,
        ...changes,
    };
}

export function begun(changes: Partial<Begun> = {}): Begun {
    return {
        state: "begun",
        id: "0.1.9-to-0.1.10#1",
        direction: "upgrade",
        from: "0.1.9",
        to: "0.1.10",
        instance: INSTANCE,
        fromRevision: "0020",
        restore: null,
        unless: null,
        digest: null,
        ...changes,
    };
}

export function finished(changes: Partial<Finished> = {}): Finished {
    return {
        state: "finished",
        id: "0.1.9-to-0.1.10#1",
        version: "0.1.10",
        image: IMAGE_0_1_10,
        revision: "0020",
        ...changes,
    };
}

/** The same instance after its upgrade to 0.1.10. */
export function upgraded(changes: Partial<Facts> = {}): Facts {
    const transitions: TransitionLine[] = [begun(), finished()];
    return facts({
        install: { dir: "/opt/specivo", present: true, pin: "0.1.10" },
        services: services("0.1.10", IMAGE_0_1_10),
        version: "0.1.10",
        target: { version: "0.1.10", imageId: IMAGE_0_1_10, registry: "not asked", digest: null },
        releases: null,
        transitions,
        ...changes,
    });
}

/** The same facts, with something changed about one service. */
export function withService(
    found: Facts,
    name: string,
    change: { state?: string; health?: string; imageId?: string },
): Facts {
    return { ...found, services: found.services.map((one) => (one.service === name ? { ...one, ...change } : one)) };
}

/** The same facts, without the containers of one service. */
export function without(found: Facts, name: string): Facts {
    return { ...found, services: found.services.filter(({ service }) => service !== name) };
}
