import type { Server } from "node:http";
import { emptyAccount, type Content } from "../../../lab/cloud/account";
import { Cloud, realSource, type Source } from "../../../lab/cloud/cloud";
import type { Failure } from "../../../lab/cloud/failures";
import { cloudServer } from "../../../lab/cloud/server";
import { spacesServer } from "../../../lab/cloud/spaces";
import { cleanUp } from "../../support/clean-up";
import type { Json } from "./calls";
import { IdleMachines } from "./idle-machines";
import { listen } from "./listen";
import { PluginProcess } from "./plugin";
import type { Plugin } from "./plugins";
import { S3Imitation } from "./s3-imitation";

export const TOKEN = "token of the tests";

/** A cloud whose machines are only noted, and a digitalocean plugin that is configured for it. */
export class CloudStage {
    private constructor(
        readonly process: PluginProcess,
        readonly content: Content,
        readonly machines: IdleMachines,
        readonly objects: S3Imitation,
        readonly endpoint: string,
        private readonly servers: readonly Server[],
    ) {}

    static async start(plugin: Plugin, source: Source = realSource, token = TOKEN): Promise<CloudStage> {
        const content = emptyAccount();
        const machines = new IdleMachines();
        const objects = await S3Imitation.start();
        const cloud = new Cloud(content, machines, objects, () => undefined, source);
        const [server, spaces] = [cloudServer(cloud, TOKEN), spacesServer(cloud)];
        const endpoint = `http://127.0.0.1:${await listen(server)}`;
        const spacesEndpoint = `http://localhost:${await listen(spaces)}`;
        const process = await PluginProcess.start(plugin);
        const stage = new CloudStage(process, content, machines, objects, endpoint, [server, spaces]);
        const { error } = await process.configure({
            token,
            apiEndpoint: endpoint,
            spacesEndpoint,
            spacesAccessId: "KEYID",
            spacesSecretKey: "KEYSECRET",
        });
        if (error !== undefined) {
            await stage.stop();
            throw new Error(error);
        }
        return stage;
    }

    /** Has the next requests of a kind fail. */
    async fail(failure: Failure): Promise<void> {
        await this.lab("POST", "/lab/failures", { ...failure });
    }

    async mend(): Promise<void> {
        await this.lab("DELETE", "/lab/failures");
    }

    async lab(method: string, path: string, body?: Json): Promise<Json> {
        const response = await fetch(this.endpoint + path, {
            method,
            headers: { authorization: `Bearer ${TOKEN}` },
            body: body === undefined ? null : JSON.stringify(body),
        });
        const text = await response.text();
        return text === "" ? {} : (JSON.parse(text) as Json);
    }

    stop(): Promise<void> {
        return cleanUp(
            () => this.process.stop(),
            () => this.objects.stop(),
            () => this.servers.forEach((server) => server.closeAllConnections()),
            () => this.servers.forEach((server) => server.close()),
        );
    }
}
