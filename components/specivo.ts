import * as pulumi from "@pulumi/pulumi";

import { ArgsReader } from "../argsReader";
import { decide, LastOutputs } from "../decide";
import { keep } from "../keep";
import { readSettings, type Settings } from "../settings";
import type { SettingArgs } from "./settingArgs";

export interface SpecivoArgs extends SettingArgs {
    /** Name of the stack output that has `plan`, which previews without reach of the server go by; `plan` by default. */
    readonly planOutput?: string;
}

/**
 * A Specivo on a server that is there, kept at `specivoVersion`: it looks at the server, plans, says so, and makes the steps. All
 * that is no secret has to be known when the program runs, as the plan depends on it.
 */
export class Specivo extends pulumi.ComponentResource {
    /** The version that serves. */
    public readonly version: pulumi.Output<string>;
    /** Id of the last transition. */
    public readonly transition: pulumi.Output<string>;
    /** What the last transition was: adopt, upgrade, rollback or repair. */
    public readonly direction: pulumi.Output<string>;
    /** Id of the backup made before it. */
    public readonly backup: pulumi.Output<string>;
    /** Id of the backup a rollback would put back; not set where it needs none. */
    public readonly restorePoint: pulumi.Output<string | undefined>;
    /** How the newest transitions went, in a line each, the last one last. */
    public readonly history: pulumi.Output<string[]>;
    /** What a preview without reach of the server goes by: export it as the stack output that `planOutput` names. */
    public readonly plan: pulumi.Output<string>;

    constructor(name: string, args: SpecivoArgs, opts?: pulumi.ComponentResourceOptions) {
        const settings = readSettings(process.env, new ArgsReader(name, args));
        super("specivo:index:Specivo", name, {}, opts);
        const last = new LastOutputs(args.planOutput, `${name}-last`, { parent: this });
        const kept = pulumi.output(this.keep(name, settings, last));
        this.version = kept.version;
        this.transition = kept.transition;
        this.direction = kept.direction;
        this.backup = kept.backup;
        this.restorePoint = kept.restorePoint.apply((id) => id ?? undefined);
        this.history = kept.history.apply((lines) => [...lines]);
        this.plan = pulumi.jsonStringify(kept.plan);
        const { version, transition, direction, backup, restorePoint, history, plan } = this;
        this.registerOutputs({ version, transition, direction, backup, restorePoint, history, plan });
    }

    private async keep(name: string, settings: Settings, last: LastOutputs) {
        const decision = await decide(settings, last);
        return keep(name, settings, decision, undefined, { parent: this });
    }
}
