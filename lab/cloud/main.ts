import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { readAccount, writeAccount } from "./account";
import { Cloud } from "./cloud";
import { LabMachines } from "./machines";
import { Versitygw } from "./object-store";
import { cloudServer } from "./server";
import { spacesServer } from "./spaces";

/**
 * Serves the cloud in the folder that is the one argument: its token is there, its ports are written there. Its buckets lie on
 * the S3 server at SPECIVO_CLOUD_S3, whose root key lies in SPECIVO_CLOUD_S3_KEYS. The file that SPECIVO_CLOUD_READY names
 * is made when it does.
 */
async function main(folder: string): Promise<void> {
    const file = path.join(folder, "account.json");
    const content = readAccount(file);
    // Work that a server of before did not see the end of is not taken up again, as its droplet may be half made.
    for (const action of content.actions.filter(({ status }) => status === "in-progress")) {
        action.status = "errored";
    }
    const { SPECIVO_CLOUD_S3: endpoint = "", SPECIVO_CLOUD_S3_KEYS: keys = "" } = process.env;
    const secret = (name: string) => readFileSync(path.join(keys, name), "utf8").trim();
    const objects = new Versitygw(endpoint, secret("s3-access-key-id"), secret("s3-secret-access-key"));
    const cloud = new Cloud(content, new LabMachines(folder), objects, (state) => writeAccount(file, state));
    // This machine may have been restarted since, and then has none of the rules.
    for (const { id } of content.droplets) {
        await cloud.attach(id).catch((error: unknown) => process.stderr.write(`droplet ${id}: ${String(error)}\n`));
    }
    await serve(spacesServer(cloud), path.join(folder, "spaces-port"));
    await serve(cloudServer(cloud, readFileSync(path.join(folder, "token"), "utf8").trim()), path.join(folder, "port"));
    writeFileSync(process.env.SPECIVO_CLOUD_READY ?? path.join(folder, "ready"), "");
}

/** At the port of before, where it can be had: stacks have it in their config. */
async function serve(server: Server, port: string): Promise<void> {
    const before = existsSync(port) ? Number(readFileSync(port, "utf8")) : 0;
    await listen(server, before).catch(() => listen(server, 0));
    writeFileSync(port, `${(server.address() as AddressInfo).port}\n`);
}

async function listen(server: Server, port: number): Promise<void> {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
}

void main(process.argv[2] ?? "");
