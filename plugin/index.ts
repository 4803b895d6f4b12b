import { main, type Provider } from "@pulumi/pulumi/provider";
import { readFileSync } from "node:fs";
import * as path from "node:path";

import { Specivo, type SpecivoArgs } from "../components";

/** The part of the schema that is looked into. */
export interface Schema {
    readonly version: string;
    readonly resources: Readonly<
        Record<string, { readonly inputProperties: Readonly<Record<string, Property>>; readonly properties: object }>
    >;
}

interface Property {
    readonly plain?: boolean;
    secret?: boolean;
}

const text = readFileSync(path.join(__dirname, "schema.json"), "utf8");
const { version, resources } = JSON.parse(text) as Schema;

/** Makes `Specivo` for programs in any language. Compiled, as Pulumi would compile it with the options of those programs. */
const provider: Provider = {
    version,
    getSchema: async () => text,
    construct: async (name, type, inputs, options) => {
        const made = new Specivo(name, inputs as SpecivoArgs, options);
        const outputs = Object.entries(made).filter(([key]) => key in (resources[type]?.properties ?? {}));
        return { urn: made.urn, state: Object.fromEntries(outputs) };
    },
};

void main(provider, process.argv.slice(2));
