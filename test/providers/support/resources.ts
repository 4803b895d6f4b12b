import assert from "node:assert/strict";
import type { Json } from "./calls";
import type { CloudStage } from "./cloud-stage";

export interface Made {
    readonly id: string;
    readonly inputs: Json;
    readonly properties: Json;
}

/** Resources of one type, as the engine has them made, looked at, changed and taken away. */
export class Resources {
    private readonly about: { readonly urn: string; readonly type: string; readonly name: string };

    constructor(
        private readonly stage: () => CloudStage,
        token: string,
    ) {
        const type = `digitalocean:index/${token}`;
        this.about = { urn: `urn:pulumi:dev::p::${type}::r`, type, name: "r" };
    }

    async check(news: Json) {
        return (await this.stage().process.call("Check", { ...this.about, news, olds: {} })).response as Json;
    }

    async create(news: Json): Promise<Made> {
        const { inputs } = (await this.check(news)) as { inputs: Json };
        const answer = await this.stage().process.call("Create", { ...this.about, properties: inputs });
        assert.equal(answer.error, undefined);
        const { id, properties } = answer.response as { id: string; properties: Json };
        return { id, inputs, properties };
    }

    /** The error of a creation that fails. */
    async refusal(properties: Json): Promise<string> {
        const answer = await this.stage().process.call("Create", { ...this.about, properties });
        return answer.error ?? assert.fail("it was made");
    }

    async diff({ id, inputs, properties }: Made, changes: Json, ignoreChanges: string[] = []): Promise<Json> {
        const news = { ...inputs, ...changes };
        const request = { ...this.about, id, oldInputs: inputs, olds: properties, news, ignoreChanges };
        return (await this.stage().process.call("Diff", request)).response as Json;
    }

    async update({ id, inputs, properties }: Made, changes: Json): Promise<Made> {
        const news = { ...inputs, ...changes };
        const request = { ...this.about, id, oldInputs: inputs, olds: properties, news };
        const answer = await this.stage().process.call("Update", request);
        assert.equal(answer.error, undefined);
        return { id, inputs: news, properties: (answer.response as { properties: Json }).properties };
    }

    async read({ id, inputs, properties }: Made): Promise<Made | undefined> {
        const answer = await this.stage().process.call("Read", { ...this.about, id, inputs, properties });
        assert.equal(answer.error, undefined);
        const found = answer.response as unknown as Made;
        return found.id === undefined ? undefined : found;
    }

    /** As `pulumi import` does. */
    async import(id: string): Promise<Made | undefined> {
        const answer = await this.stage().process.call("Read", { ...this.about, id, inputs: {}, properties: {} });
        assert.equal(answer.error, undefined);
        return answer.response as unknown as Made;
    }

    async delete({ id, inputs, properties }: Made): Promise<void> {
        const answer = await this.stage().process.call("Delete", { ...this.about, id, oldInputs: inputs, properties });
        assert.equal(answer.error, undefined);
    }
}
