import * as assert from "node:assert/strict";
import { fault, mend, seconds } from "../support/faults";
import { KILL_OPERATION } from "../support/interruptions";
import { containers, Droplet, newDroplet, on, removeDroplet } from "../support/lab";
import { Operations, Transition } from "../support/operations";
import { Installed } from "../support/instance";
import { People } from "../support/people";
import { Ended } from "../support/run";
import { onTarget, onTargetsMounts } from "../support/target";

interface Backup {
    readonly id: string;
    readonly bytesSent: number;
    readonly dumpBytes: number;
    readonly proof: {
        readonly tables: number;
        readonly rows: number;
        readonly attachments: number;
        readonly hashed: number;
        readonly deleted: number;
        readonly sample: number;
    };
}

const NAME = "host-backup";
const STATE = "/var/lib/specivo-upgrade/specivo-*";
const DATA = "/opt/specivo/specivo-data";

describe("a backup is proven, or nothing goes on", function () {
    this.timeout(180_000);
    let droplet: Droplet;
    let host: Operations;
    let instance: string;
    let containersBefore: Record<string, string>;
    let first: Backup;
    let number = 0;

    before(async () => {
        droplet = await newDroplet(NAME, "0.1.10");
        host = await Operations.install(droplet);
        instance = await host.instance();
        containersBefore = await containers(droplet);
        await host.storeOffsite("for this test");
    });

    after(() => removeDroplet(NAME));

    /** Begins a transition from the running version to itself; what its steps are told. */
    async function begin(): Promise<{ transition: Transition }> {
        const id = `0.1.10-to-0.1.10#${++number}`;
        const transition = { id, instance, direction: "repair", from: "0.1.10", to: "0.1.10" };
        await host.run("preflight", { transition });
        return { transition };
    }

    async function backUp(): Promise<Backup> {
        return host.run<Backup>("backup", await begin());
    }

    async function tryBackUp(): Promise<Ended> {
        return host.try("backup", await begin());
    }

    /** A backup that has to fail; what it says last. The instance is untouched, and no earlier backup is lost. */
    async function refused(): Promise<string> {
        const sentence = await host.refusal("backup", await begin());
        assert.match(
            sentence,
            /Nothing was changed: the instance runs 0\.1\.10 as before\. When the cause is gone, run pulumi up again\.$/,
        );
        await nothingLeft();
        assert.deepEqual(await containers(droplet), containersBefore);
        const { backups } = await host.run<{ backups: { id: string }[] }>("backups");
        assert.ok(backups.some(({ id }) => id === first.id));
        return sentence;
    }

    async function nothingLeft(): Promise<void> {
        const left = await on(
            droplet,
            `ls ${STATE}/staging ${DATA}/.specivo-upgrade; docker ps -aq --filter label=specivo-upgrade.throwaway`,
        );
        assert.doesNotMatch(left, /^(database|work|now|[0-9a-f]{12}$)/m);
    }

    it("tells what it has proven: rows, attachments by size and hash, a sample read back", async () => {
        first = await backUp();
        const sql = (query: string) =>
            on(droplet, `docker exec specivo-db-1 psql -U specivo specivo -XAtc "${query}"`).then((text) =>
                text.trim(),
            );
        assert.equal(String(first.proof.attachments), await sql("SELECT count(*) FROM attachments"));
        assert.equal(String(first.proof.hashed), await sql("SELECT count(content_hash) FROM attachments"));
        assert.ok(first.proof.tables > 50 && first.proof.rows > 1000 && first.proof.sample > 5);
        assert.equal(first.proof.deleted, 0);
        await nothingLeft();
    });

    it("of an unchanged instance sends at most 2% of the first one's bytes, and needs little room while it is made", async () => {
        await on(
            droplet,
            `rm -f /root/least; (while [ ! -e /root/enough ]; do df -B1 --output=avail / | tail -1 >> /root/least; sleep 0.1; done) >/dev/null 2>&1 </dev/null &`,
        );
        const free = Number(await on(droplet, "df -B1 --output=avail / | tail -1"));
        const second = await backUp();
        await on(droplet, "touch /root/enough");
        const least = Math.min(...(await on(droplet, "cat /root/least")).trim().split("\n").map(Number));
        assert.ok(second.bytesSent <= first.bytesSent * 0.02, `${second.bytesSent} of ${first.bytesSent}`);
        const database = Number(
            await on(
                droplet,
                `docker exec specivo-db-1 psql -U specivo specivo -XAtc "SELECT pg_database_size('specivo')"`,
            ),
        );
        assert.ok(free - least <= second.dumpBytes + 2 * database + 500e6, `it took ${free - least} bytes`);
    });

    it("is refused before anything is written when the disk is too small for it", async () => {
        // Some 430 MB of it are kept for root, and not free to anybody else.
        await fault(droplet, "disk-full", "850");
        try {
            const sentence = await refused();
            assert.match(
                sentence,
                /^specivo-host backup: the disk has [1-9]\d+ MB free, and backup or proof, and restore point, of a database of \d+ MB, and a copy of \d+ MB of files .*, need up to \d+ MB; free some/,
            );
        } finally {
            await mend(droplet, "disk-full");
        }
    });

    it("ends soon where the disk gets full while what arrived is read back", async () => {
        const input = await begin();
        const ended = host.try("backup", input);
        await on(
            droplet,
            `until tail -n 1 $(ls -td ${STATE}/jobs/*-backup.* | head -n 1)/log | grep -q 'checking what arrived'; do sleep 0.02; done`,
        );
        await fault(droplet, "disk-full");
        assert.match((await ended).stderr, /no space is left on the server's disk; make some/);
        await mend(droplet, "disk-full");
    });

    it("mends a damaged pack in the repository from what is here, and says which", async () => {
        const [pack = ""] = (await onTarget(droplet, "find restic/data -type f -size +200k | sort | head -n 1"))
            .trim()
            .split("\n");
        await onTarget(
            droplet,
            `printf '\\001\\002\\003\\004' | dd of=${pack} bs=1 seek=3000 conv=notrunc status=none`,
        );
        const ended = await tryBackUp();
        assert.equal(ended.status, 0, ended.output);
        assert.ok(
            ended.stderr.includes(`: pack ${pack.split("/").at(-1)}; taking it out, its intact parts kept`),
            ended.stderr,
        );
        assert.match(ended.stderr, /the repository is whole again/);
        await host.run("check");
    });

    it("goes on when a pack is gone, and says which earlier backups can't be restored whole", async () => {
        // The content of this file is nowhere but in the repository.
        await on(droplet, `head -c 3000000 /dev/urandom > ${DATA}/themes/once.bin`);
        await onTarget(droplet, "touch before");
        const lost = await backUp();
        await on(droplet, `rm ${DATA}/themes/once.bin`);
        await onTarget(droplet, "rm $(find restic/data -type f -newer before -size +1M) before");
        const ended = await tryBackUp();
        assert.equal(ended.status, 0, ended.output);
        assert.match(
            ended.stderr,
            /making it anew[^]*this backup is whole, all of it was read back; earlier ones have lost parts/,
        );
        assert.ok(ended.stderr.includes(`can't be restored whole: ${lost.id.slice(0, 8)}\n`), ended.stderr);
    });

    it("stops at a repository that it can't read", async () => {
        await onTarget(droplet, "cp -a restic/config kept; truncate -s 40 restic/config");
        try {
            const ended = await tryBackUp();
            assert.equal(ended.status, 1, ended.output);
            assert.match(ended.stderr, /the backup target sftp:.* can't be reached or used .* Nothing was changed/);
        } finally {
            await onTarget(droplet, "chmod u+w restic/config; cat kept > restic/config; rm kept");
        }
        await backUp();
    });

    it("stops at a dump that is cut short, though pg_dump ends well", async () => {
        const pgDump = "/usr/lib/postgresql/18/bin/pg_dump";
        const script = `#!/bin/sh\\n${pgDump}.real "$@" | head -c 300000\\n`;
        await on(
            droplet,
            `docker exec -u root specivo-db-1 sh -c "mv ${pgDump} ${pgDump}.real; printf '${script.replaceAll("$", "\\$").replaceAll('"', '\\"')}' > ${pgDump}; chmod 755 ${pgDump}"`,
        );
        try {
            assert.match(await refused(), /the dump, read back from sftp:[^ ]*, can't be restored \(/);
        } finally {
            await on(droplet, `docker exec -u root specivo-db-1 mv ${pgDump}.real ${pgDump}`);
        }
    });

    it("stops at an attachment that is missing, or is not what its row says, and names it", async () => {
        const file = (
            await on(
                droplet,
                `cd ${DATA}/attachments; find . -regex '[a-z0-9./-]*' -size +4k -printf '%P\\n' | sort | head -n 1`,
            )
        ).trim();
        assert.notEqual(file, "");
        await on(droplet, `mv '${DATA}/attachments/${file}' /root/kept`);
        assert.ok(
            (await refused()).includes(`attachments have rows in the database and no file in the backup: ${file}. `),
        );
        await on(
            droplet,
            `cp -p /root/kept ${DATA}/attachments/${file}; printf x | dd of=${DATA}/attachments/${file} bs=1 seek=100 conv=notrunc status=none`,
        );
        assert.match(await refused(), new RegExp(`differ from what their rows say, by size or SHA-256: ${file} in `));
        await on(droplet, `cp -p /root/kept ${DATA}/attachments/${file}`);
    });

    it("notes an attachment that was deleted while the dump was made", async () => {
        await new People(new Installed(droplet)).attach(5000);
        // Called for the second time when the moment of the dump is fixed, and before the files are looked at.
        await on(
            droplet,
            `cat > /usr/local/sbin/find <<'SCRIPT'
#!/bin/sh
if [ "$1" = ${DATA} ] && ! mkdir /root/asked 2>/dev/null && mkdir /root/deleted 2>/dev/null; then
    rm ${DATA}/attachments/"$(docker exec specivo-db-1 psql -U specivo specivo -qXAtc 'DELETE FROM attachments WHERE id = (SELECT max(id) FROM attachments) RETURNING disk_filename')"
fi
exec /usr/bin/find "$@"
SCRIPT
            chmod 755 /usr/local/sbin/find`,
        );
        try {
            const { proof } = await backUp();
            assert.deepEqual([proof.deleted, proof.attachments], [1, first.proof.attachments]);
        } finally {
            await on(droplet, "rm -r /usr/local/sbin/find /root/asked /root/deleted");
        }
    });

    it("removes what a killed restic has locked", async () => {
        await on(
            droplet,
            `set -e; cd ${STATE}; eval "$(ssh-agent -s)" >/dev/null; trap 'kill $SSH_AGENT_PID' EXIT
            jq -r .sftp.privateKey offsite.json | ssh-add -q -
            jq -r .sftp.knownHosts offsite.json > /root/known
            export RESTIC_PASSWORD="$(jq -r .password offsite.json)"
            mkfifo /root/never; sleep 100 > /root/never & sleeper=$!
            restic -q -r "$(jq -r .repository offsite.json)" -o sftp.args="-o UserKnownHostsFile=/root/known" backup --stdin < /root/never >/dev/null 2>&1 & restic=$!
            until [ -n "$(RESTIC_PASSWORD=$RESTIC_PASSWORD restic -q -r "$(jq -r .repository offsite.json)" -o sftp.args="-o UserKnownHostsFile=/root/known" list locks --no-lock)" ]; do sleep 0.2; done
            kill -9 $restic $sleeper; rm /root/never /root/known`,
        );
        const ended = await tryBackUp();
        assert.equal(ended.status, 0, ended.output);
        assert.match(ended.stderr, /removed what dead processes had locked/);
    });

    it("stops when the target is full, and goes on when it has room again", async () => {
        await on(droplet, `head -c 8000000 /dev/urandom > ${DATA}/themes/large.bin`);
        await onTargetsMounts(
            `mkdir full; mount -t tmpfs -o size=$(($(du -sk ${NAME} | cut -f1) + 3000))k,mode=700,uid=34,gid=34 tmpfs full; cp -a ${NAME}/. full/; mount --move full ${NAME}; rmdir full`,
        );
        try {
            assert.match(
                await refused(),
                /the backup could not be sent to sftp:.*check that the target is up and has room/,
            );
        } finally {
            await onTargetsMounts(`umount ${NAME}`);
        }
        await backUp();
    });

    it("stops when the target goes away in the middle", async () => {
        await on(droplet, `head -c 30000000 /dev/urandom > ${DATA}/themes/large.bin`);
        const address = /@([0-9.]+):/.exec(droplet.offsite.sftp.repository)?.[1];
        const rule = `OUTPUT -d ${address} -m connbytes --connbytes 4000000: --connbytes-dir original --connbytes-mode bytes -j DROP`;
        await on(droplet, `iptables -A ${rule}`);
        try {
            assert.match(await refused(), /the backup could not be sent to sftp:/);
        } finally {
            await on(droplet, `iptables -D ${rule}`);
        }
        await backUp();
    });

    it("goes on at a slow target, for as long as something arrives there", async () => {
        // With the true limit it would take minutes to see the difference.
        await on(droplet, "sed -i s/STALL_LIMIT=120/STALL_LIMIT=8/ /root/host/lib/offsite.sh");
        await on(droplet, `head -c 3000000 /dev/urandom > ${DATA}/themes/large.bin`);
        await fault(droplet, "network-slow", "1000");
        try {
            const backup = backUp();
            const took = await seconds(() =>
                Promise.race([
                    backup,
                    on(droplet, `until tail -n 1 ${STATE}/ledger.jsonl | grep -q '"sent"'; do sleep 0.2; done`),
                ]),
            );
            await mend(droplet, "network-slow");
            const { bytesSent } = await backup;
            assert.ok(bytesSent > 2.9e6 && took > (bytesSent * 8) / 1e6, `${bytesSent} bytes in ${took} s`);
        } finally {
            await mend(droplet, "network-slow");
            await Operations.install(droplet);
        }
    });

    it("killed in its middle it leaves nothing behind, and the next one is made", async () => {
        const backup = host.try("backup", await begin());
        await on(
            droplet,
            `until docker ps -q --filter label=specivo-upgrade.throwaway | grep -q . && ls ${STATE}/staging/database.dump; do sleep 0.1; done
            ${KILL_OPERATION}`,
        );
        const ended = await backup;
        assert.equal(ended.status, 1);
        assert.match(ended.stderr, /was killed in its middle\. Nothing was changed/);
        await nothingLeft();
        await backUp();
    });

    it("old ones go by count and age, never the newest", async () => {
        await host.storeOffsite("for this test", { keepLast: 1, keepDays: 0 });
        const input = await begin();
        const kept = await host.run<Backup>("backup", input);
        const image = (await on(droplet, "docker image inspect --format '{{.Id}}' specivo/specivo:0.1.10")).trim();
        for (const step of ["rehearsal", "pin", "rollout", "verify", "restore-point"]) {
            await host.run(step, { ...input, backup: kept.id, image });
        }
        const { backups } = await host.run<{ backups: { id: string }[] }>("backups");
        assert.deepEqual(
            backups.map(({ id }) => id),
            [kept.id],
        );
    });

    it("of a database without users is refused: it is the wrong one", async () => {
        await on(
            droplet,
            `set -e; cd /opt/specivo; docker exec specivo-db-1 createdb -U specivo empty
            sed -i 's#^DATABASE_URL=.*#DATABASE_URL=postgresql+asyncpg://specivo:specivo@db:5432/empty#' .env
            docker compose up -d --wait --no-deps api celery-worker celery-beat 2>&1`,
        );
        const sentence = await host.refusal("backup", await begin());
        assert.match(sentence, /the database empty of db holds no Specivo with users in it/);
    });
});
