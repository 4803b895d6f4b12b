import * as pulumi from "@pulumi/pulumi";

import { UserError } from "./components/userError";
import { Reader } from "./settingsReader";
import { type Key, type SecretKey, SETTINGS } from "./settingsSchema";

/** Reads the arguments of a component in the place of config. */
export class ArgsReader extends Reader {
    constructor(
        private readonly component: string,
        private readonly args: object,
    ) {
        super();
    }

    public override name(key: Key): string {
        return `${this.component}.${key}`;
    }

    protected override given(key: Key): string | undefined {
        const value = (this.args as Readonly<Record<string, string | number | boolean | undefined>>)[key];
        if (pulumi.Output.isInstance(value)) {
            throw new UserError(
                `${this.name(key)} has to be known when the program runs, as the plan depends on it: give a value in place of another resource's output or a secret.`,
            );
        }
        return value === undefined ? undefined : String(value);
    }

    /** What may be an output can be checked only where it is none. */
    public override secret(key: SecretKey, isRight: (value: string) => boolean = () => true): pulumi.Output<string> {
        const { advice } = SETTINGS[key];
        const value = (this.args as Readonly<Record<string, pulumi.Input<string> | undefined>>)[key];
        if (value === undefined || value === "") {
            this.mistakes.push(`${this.name(key)} is not set: ${advice}.`);
        } else if (typeof value === "string" && !isRight(value)) {
            this.mistakes.push(`${this.name(key)} is not what it should be: ${advice}.`);
        }
        return pulumi.secret(value ?? "");
    }
}
