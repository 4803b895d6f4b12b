import * as pulumi from "@pulumi/pulumi";

import { UserError } from "./components/userError";
import { parseDuration } from "./plan/duration";

/** Internal to Pulumi, and the only way to tell a secret from plain text in the stack's file. */
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };

/** Reads the keys, and gathers every mistake, so that the user corrects them in one go. */
export class Reader {
    public readonly mistakes: string[] = [];
    private readonly config = new pulumi.Config();

    /** Throws one UserError that names every mistake, a sentence each. */
    public refuseMistakes(): void {
        if (this.mistakes.length > 0) {
            throw new UserError(this.mistakes.join("\n"));
        }
    }

    /** A declared key that is not set comes as its default, which for most is the empty string. */
    public value(key: string, fallback = ""): string {
        const value = this.config.get(key) ?? "";
        return value === "" ? fallback : value;
    }

    public name(key: string): string {
        return `${this.config.name}:${key}`;
    }

    public matching(key: string, fallback: string, isRight: (value: string) => boolean, advice: string): string {
        const value = this.value(key, fallback);
        if (value === "") {
            this.mistakes.push(`${this.name(key)} is not set: ${advice}.`);
        } else if (!isRight(value)) {
            this.mistakes.push(`${this.name(key)} is ${JSON.stringify(value)}: ${advice}.`);
        }
        return value;
    }

    public number(key: string, fallback: number, least: number, most: number): number {
        const isRight = (value: string) => /^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most;
        const value = this.matching(key, String(fallback), isRight, `give a whole number from ${least} to ${most}`);
        return Number(value);
    }

    /** In seconds. */
    public duration(key: string, fallback: string): number {
        const advice = "give a length of time such as 90s, 30m, 1h or 7d";
        return parseDuration(this.matching(key, fallback, (value) => parseDuration(value) !== undefined, advice)) ?? 0;
    }

    /** Its value is never part of a message. */
    public secret(
        key: string,
        advice: string,
        isRight: (value: string) => boolean = () => true,
    ): pulumi.Output<string> {
        const value = this.value(key);
        const command = `pulumi config set --secret ${key}`;
        if (value === "") {
            this.mistakes.push(`${this.name(key)} is not set: ${advice}, with \`${command}\`.`);
        } else if (!isConfigSecret(this.name(key))) {
            this.mistakes.push(
                `${this.name(key)} lies in plain text in the stack's file: change it, and set the new one with \`${command}\`.`,
            );
        } else if (!isRight(value)) {
            this.mistakes.push(`${this.name(key)} is not what it should be: ${advice}, with \`${command}\`.`);
        }
        return pulumi.secret(value);
    }
}
