import type { Server } from "node:http";
import { emptyAccount, type Content } from "../../../lab/cloud/account";
import { Cloud, realSource, type Source } from "../../../lab/cloud/cloud";
import type { Failure } from "../../../lab/cloud/failures";
import { cloudServer } from "../../../lab/cloud/server";
import { cleanUp } from "../../support/clean-up";
import type { Json } from "./calls";
import { IdleMachines } from "./idle-machines";
import { listen } from "./listen";
import { PluginProcess } from "./plugin";
import type { Plugin } from "./plugins";
import { SpacesServer } from "./spaces-server";

export const TOKEN = "token of the tests";

/** A cloud whose machines are only noted, and a digitalocean plugin that is configured for it. */
export class CloudStage {
    private constructor(
        readonly process: PluginProcess,
        readonly content: Content,
        readonly machines: IdleMachines,
        readonly spaces: SpacesServer,
        readonly endpoint: string,
        private readonly server: Server,
    ) {}

    static async start(plugin: Plugin, source: Source = realSource, token = TOKEN): Promise<CloudStage> {
        const content = emptyAccount();
        const machines = new IdleMachines();
        const server = cloudServer(new Cloud(content, machines, () => undefined, source), TOKEN);
        const endpoint = `http://127.0.0.1:${await listen(server)}`;
        const spaces = await SpacesServer.start();
        const process = await PluginProcess.start(plugin);
        const stage = new CloudStage(process, content, machines, spaces, endpoint, server);
        const { error } = await process.configure({
            token,
            apiEndpoint: endpoint,
            spacesEndpoint: spaces.endpoint,
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
            () => this.spaces.stop(),
            () => this.server.closeAllConnections(),
            () => this.server.close(),
        );
    }
}
