import { UserError } from "./components/userError";
import { parseDuration } from "./plan/duration";
import * as pulumi from "./pulumiCore";
import {
    type DurationKey,
    type FlagKey,
    type Key,
    type NumberKey,
    type PlainKey,
    type SecretKey,
    SETTINGS,
    type TextKey,
} from "./settingsSchema";

/** Internal to Pulumi, and the only way to tell a secret from plain text in the stack's file. */
const { isConfigSecret } = pulumi.config as unknown as { isConfigSecret: (key: string) => boolean };

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

    /** Whether there is a value, without showing it. */
    public isSet(key: Key): boolean {
        return this.set(key) !== "";
    }

    public value(key: PlainKey): string {
        return this.set(key) || String(SETTINGS[key].fallback);
    }

    public name(key: Key): string {
        return `${this.config.name}:${key}`;
    }

    public matching(key: TextKey, isRight: (value: string) => boolean, advice: string = SETTINGS[key].advice): string {
        return this.checked(key, isRight, advice);
    }

    /** May be set to an empty text. */
    public optional(key: TextKey, isRight: (value: string) => boolean): string {
        return this.given(key) === "" || this.value(key) === "" ? "" : this.matching(key, isRight);
    }

    public number(key: NumberKey): number {
        const [least, most] = SETTINGS[key].range;
        const isRight = (value: string) => /^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most;
        return Number(this.checked(key, isRight, `give a whole number from ${least} to ${most}`));
    }

    public flag(key: FlagKey): boolean {
        return this.checked(key, (value) => value === "true" || value === "false", "give true or false") === "true";
    }

    /** In seconds. */
    public duration(key: DurationKey): number {
        return parseDuration(this.matching(key, (value) => parseDuration(value) !== undefined)) ?? 0;
    }

    /** Its value is never part of a message. */
    public secret(key: SecretKey, isRight: (value: string) => boolean = () => true): pulumi.Output<string> {
        const value = this.set(key);
        const { advice } = SETTINGS[key];
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

    /** As it was set; as a declared key that is not set it comes as its default, which for most is the empty string. */
    protected given(key: Key): string | undefined {
        return this.config.get(key);
    }

    private set(key: Key): string {
        return this.given(key) ?? "";
    }

    private checked(key: PlainKey, isRight: (value: string) => boolean, advice: string): string {
        const value = this.value(key);
        if (value === "") {
            this.mistakes.push(`${this.name(key)} is not set: ${advice}.`);
        } else if (!isRight(value)) {
            this.mistakes.push(`${this.name(key)} is ${JSON.stringify(value)}: ${advice}.`);
        }
        return value;
    }
}
