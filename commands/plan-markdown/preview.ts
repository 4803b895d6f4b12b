import {
    array,
    type Decoded,
    decodeJson,
    type Decoder,
    nullable,
    object,
    optional,
    record,
    string,
} from "../../plan/decode";

const anything: Decoder<unknown> = (value) => value;
const state = object({ type: string, inputs: optional(record(anything)) });

const step = object({
    op: string,
    urn: string,
    oldState: optional(state),
    newState: optional(state),
    /** Properties that changed, by their names. */
    diffReasons: optional(array(string)),
});

const diagnostic = object({ message: string, severity: string });

const preview = object({
    steps: optional(array(step)),
    diagnostics: optional(array(diagnostic)),
    changeSummary: optional(nullable(record(anything))),
});

/** One step of the engine's. */
export type Step = Decoded<typeof step>;

/** What `pulumi preview --json` tells, as far as a reader of the pull request needs it. */
export interface Preview {
    /** Those that change something. */
    readonly steps: readonly Step[];
    readonly warnings: readonly string[];
    readonly errors: readonly string[];
    /** Undefined where the preview came to no resource. */
    readonly stack: string | undefined;
}

/** Reads what the engine printed; throws a DecodeError when that is no preview. */
export function readPreview(json: string): Preview {
    const { steps, diagnostics } = decodeJson(json, "the preview", preview);
    const said = (severity: string) => [
        ...new Set(
            (diagnostics ?? [])
                .filter((one) => one.severity === severity)
                .map(({ message }) => message.trim().replace(/^(warning|error): /, ""))
                .filter((message) => !PLUGIN_ON_PATH.test(message)),
        ),
    ];
    return {
        steps: (steps ?? []).filter(({ op }) => !["same", "read", "refresh"].includes(op)),
        warnings: said("warning"),
        errors: said("error"),
        stack: /^urn:pulumi:([^:]+)::/.exec(steps?.[0]?.urn ?? "")?.[1],
    };
}

/** Of use to whoever installs plugins, not to a reviewer. */
const PLUGIN_ON_PATH = /^using pulumi-\S+ from \$PATH/;
