import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { readAccount, writeAccount } from "./account";
import { Cloud } from "./cloud";
import { LabMachines } from "./machines";
import { cloudServer } from "./server";

/**
 * Serves the cloud in the folder that is the one argument: its token is there, its port is written there. The file that
 * SPECIVO_CLOUD_READY names is made when it does.
 */
async function main(folder: string): Promise<void> {
    const file = path.join(folder, "account.json");
    const content = readAccount(file);
    // Work that a server of before did not see the end of is not taken up again, as its droplet may be half made.
    for (const action of content.actions.filter(({ status }) => status === "in-progress")) {
        action.status = "errored";
    }
    const cloud = new Cloud(content, new LabMachines(folder), (state) => writeAccount(file, state));
    // This machine may have been restarted since, and then has none of the rules.
    for (const { id } of content.droplets) {
        await cloud.attach(id).catch((error: unknown) => process.stderr.write(`droplet ${id}: ${String(error)}\n`));
    }
    const server = cloudServer(cloud, readFileSync(path.join(folder, "token"), "utf8").trim());
    const port = path.join(folder, "port");
    // The port of before, where it can be had: stacks have it in their config.
    const before = existsSync(port) ? Number(readFileSync(port, "utf8")) : 0;
    await listen(server, before).catch(() => listen(server, 0));
    writeFileSync(port, `${(server.address() as AddressInfo).port}\n`);
    writeFileSync(process.env.SPECIVO_CLOUD_READY ?? path.join(folder, "ready"), "");
}

async function listen(server: Server, port: number): Promise<void> {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
}

void main(process.argv[2] ?? "");
