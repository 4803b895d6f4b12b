import type { Change, Stage, Step } from "../stage";
import type { Fault } from "./fault";

const restarted = (change: Change, step: Step): Fault => ({
    name: `the database restarts, ${step}`,
    change,
    step,
    make: (stage) => stage.on("docker restart -t 5 specivo-db-1"),
    ends: "either",
});

const redisGone = (change: Change, step: Step): Fault => ({
    name: `Redis is gone, ${step}`,
    change,
    step,
    make: (stage) => stage.on("docker stop -t 1 specivo-redis-1"),
    after: (stage) => stage.on("docker start specivo-redis-1"),
    ends: "either",
});

/** As long as the rollout runs, whatever api has the new image is killed. */
const NEW_API_DIES = (version: string) => `
    touch /run/new-api-dies
    end=$((SECONDS + 100))
    while ((SECONDS < end)) && ! find /var/lib/specivo-upgrade/specivo-*/jobs -path "*-rollout.*/ended" -newer /run/new-api-dies | grep -q .; do
        docker ps -q --filter label=com.docker.compose.service=api --filter ancestor=specivo/specivo:${version} |
            xargs -r docker kill >/dev/null 2>&1
        sleep 0.5
    done`;

const newApiDies = async (stage: Stage, before = ""): Promise<void> => {
    await stage.on(`${before}\nnohup bash -c '${NEW_API_DIES(stage.to)}' >/dev/null 2>&1 </dev/null &`);
};

export const services: readonly Fault[] = [
    restarted("upgrade", "backup"),
    restarted("upgrade", "rollout"),
    restarted("migration", "backup"),
    restarted("migration", "rollout"),
    restarted("rollback", "backup"),
    restarted("rollback", "rollout"),
    redisGone("upgrade", "rollout"),
    redisGone("migration", "rollout"),
    redisGone("rollback", "rollout"),
    {
        name: "Redis is gone before it begins",
        change: "upgrade",
        before: (stage) => stage.on("docker stop -t 1 specivo-redis-1"),
        after: (stage) => stage.on("docker start specivo-redis-1"),
        ends: "failed",
        on: "from",
        says: /redis/,
    },
    {
        name: "nginx keeps the api's first address",
        change: "upgrade",
        before: (stage) =>
            // Without a resolver nginx asks for a name once, as it starts.
            stage.on(
                `cd /opt/specivo && cp nginx/default.conf /root && sed -i '/resolver /d; /set \\$upstream/d; s/\\$upstream/http:\\/\\/api:8000/' nginx/default.conf
                docker compose restart nginx`,
            ),
        after: (stage) => stage.on("cat /root/default.conf >/opt/specivo/nginx/default.conf"),
        ends: "well",
    },
    ...(["upgrade", "migration"] as const).map((change): Fault => ({
        name: "the new api dies again and again, rollout",
        change,
        config: { startTimeout: "60s" },
        step: "rollout",
        // Before it has become healthy.
        within: 3_000,
        make: (stage) => newApiDies(stage),
        ends: "failed",
        on: "from",
        says: /did not become healthy[^]*back on/,
    })),
    ...(["upgrade", "migration"] as const).map((change): Fault => ({
        name: "the new api dies, and the image to go back to is gone",
        change,
        config: { startTimeout: "60s" },
        step: "pin",
        make: (stage) => newApiDies(stage, `docker rmi -f specivo/specivo:${stage.from}`),
        ends: "failed",
        on: "from",
        says: /did not become healthy[^]*back on/,
    })),
];
