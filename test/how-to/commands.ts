import { Droplet, on, tryOn } from "../support/lab";
import { Ended } from "../support/run";
import { until } from "../support/until";

/**
 * The upgrade as its administrators type it today, from the published how-to: the same commands in the same order, with
 * the editor replaced by sed. For tests that show what these commands do, and do not do, to an instance.
 */
export class HowTo {
    constructor(private readonly droplet: Droplet) {}

    /** A command in the install directory that must succeed; its stdout. */
    on(command: string): Promise<string> {
        return on(this.droplet, `cd ${this.droplet.installDir} && { ${command}\n} </dev/null`);
    }

    /** A command in the install directory; never throws for its status. */
    try(command: string): Promise<Ended> {
        return tryOn(this.droplet, `cd ${this.droplet.installDir} && { ${command}\n} </dev/null`);
    }

    /** Step 2: dump and archive, found again under that name; what users do between the two can be given. */
    async backUp(name: string, meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
        const directory = `${this.droplet.installDir}-backups`;
        await this.on(`mkdir -p ${directory}
            docker compose exec -T db pg_dump -U specivo specivo > ${directory}/backup-${name}.sql`);
        await meanwhile();
        // tar ends with 1 when a file changes while it is read, which under a live database it may.
        await this.on(`tar czf ${directory}/specivo-data-${name}.tar.gz specivo-data || [ $? = 1 ]`);
    }

    /** Steps 3 to 5: pin, pull, restart; how `docker compose up -d` ended. */
    async upgrade(version: string): Promise<Ended> {
        await this.on(`sed -i 's/^SPECIVO_VERSION=.*/SPECIVO_VERSION=${version}/' .env && docker compose pull --quiet`);
        return this.try("docker compose up -d");
    }

    /** Step 6: what the how-to calls an upgraded instance, one line a check. */
    async verify(): Promise<{ images: string[]; status: string; revision: string }> {
        const images = await this.on("docker ps --format '{{.Image}}' | grep '^specivo/specivo:' | sort -u");
        const status = await this.on(`curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:9933/`);
        const revision = await this.on("docker compose exec -T api alembic current 2>/dev/null");
        return { images: images.trim().split("\n"), status, revision: revision.trim() };
    }

    /** The documented way back once a migration has run: data directory, dump, older image. */
    async restore(name: string, version: string): Promise<Ended> {
        const directory = `${this.droplet.installDir}-backups`;
        await this.on(`sed -i 's/^SPECIVO_VERSION=.*/SPECIVO_VERSION=${version}/' .env
            docker compose down
            tar xzf ${directory}/specivo-data-${name}.tar.gz
            docker compose up -d db`);
        // The how-to does not say it, but psql can't connect before the database has started.
        await this.on("until docker compose exec -T db pg_isready -q -h 127.0.0.1 -U specivo; do sleep 0.5; done");
        return tryOn(
            this.droplet,
            `cd ${this.droplet.installDir} &&
                docker compose exec -T db psql -U specivo specivo < ${directory}/backup-${name}.sql`,
        );
    }

    /** One value of the bundled database. */
    async sql(query: string): Promise<string> {
        return (await this.on(`docker compose exec -T db psql -U specivo -d specivo -Atc "${query}"`)).trim();
    }

    /** What the engine tells of a service's container, whether it runs or not. */
    async inspect(service: string, format: string): Promise<string> {
        return (await this.on(`docker inspect -f '${format}' "$(docker compose ps -aq ${service})"`)).trim();
    }

    /** Waits until the api's container is healthy, whatever compose thinks of it. */
    async apiIsHealthy(): Promise<void> {
        const api = (await this.on("docker compose ps -aq api")).trim();
        await until(120, "the api getting healthy", async () => {
            return (await this.on(`docker inspect -f '{{.State.Health.Status}}' ${api}`)).trim() === "healthy";
        });
    }

    /** One value of the environment in which the api really runs. */
    async environment(variable: string): Promise<string> {
        const lines = await this.on(`docker compose exec -T api printenv ${variable}`);
        return lines.trim();
    }
}
