import type { Json } from "./calls";
import type { Answer } from "./plugin";
import type { Recorded } from "./recordings";

/**
 * All in which a replayed call may differ from its recording, and why. Whatever is not named here has to be the same, and
 * what is named has to occur.
 */

/** A text of the recordings that stands for something of the machine they are replayed on. */
export interface Word {
    readonly recorded: string;
    readonly here: string;
    readonly why: string;
}

/** Fields of requests that are not sent. */
export const NOT_SENT: Record<string, string> = {
    resourceStatusAddress: "where the recording engine took reports on views of a resource; nobody listens there now",
    resourceStatusToken: "belongs to that address",
};

interface Exception {
    /** Whether it makes a difference to this answer. */
    readonly concerns: (call: Recorded, answer: Answer) => boolean;
    /** The answer without what may differ. */
    readonly without: (answer: Answer) => Answer;
}

/** The real plugins, written in Go, give the entries of a map in any order. */
function withoutOrder(list: "diffs" | "stables"): Exception {
    const entries = ({ response }: Answer) => (response?.[list] ?? []) as string[];
    return {
        concerns: (_, answer) => entries(answer).length > 1,
        without: (answer) => ({ ...answer, response: { ...answer.response, [list]: [...entries(answer)].sort() } }),
    };
}

/** The real plugin copies the two streams of a failed command side by side, so that their lines come in any order. */
const OUTPUT = /(: running ".*":\n)(.*)$/s;
const lines: Exception = {
    concerns: (_, { error = "" }) => OUTPUT.test(error),
    without: ({ error = "", ...answer }) => {
        const sorted = (_: string, before: string, output: string) => before + output.split("\n").sort().join("\n");
        return { ...answer, error: error.replace(OUTPUT, sorted) };
    },
};

/** Ids that the command plugin makes up end in these; the docker plugin's are the images' own. */
const RANDOM = /[0-9a-f]{8}$/;
const id: Exception = {
    concerns: ({ verb, request }, { response }) =>
        verb === "Create" && String(request.type).startsWith("command:") && RANDOM.test(String(response?.id)),
    without: (answer) => ({
        ...answer,
        response: { ...answer.response, id: String(answer.response?.id).replace(RANDOM, "<random>") },
    }),
};

/** Ids that Terraform makes up: the time, and a number that counts. */
const UNIQUE = /\b20\d{16}[0-9a-f]{8}\b/g;
const unique: Exception = {
    concerns: (_, answer) => JSON.stringify(answer).search(UNIQUE) >= 0,
    without: (answer) => JSON.parse(JSON.stringify(answer).replace(UNIQUE, "<unique>")) as Answer,
};

export const EXCEPTIONS: readonly Exception[] = [withoutOrder("diffs"), withoutOrder("stables"), lines, id, unique];

export function requestHere(recorded: Recorded, words: readonly Word[]): Json {
    const sent = Object.entries(recorded.request).filter(([field]) => NOT_SENT[field] === undefined);
    return replaced(Object.fromEntries(sent), words, ({ recorded: from, here }) => [from, here]);
}

/** What was answered here, as it would have been recorded. */
export function answerHere(answer: Answer, words: readonly Word[]): Answer {
    return replaced(answer, words, ({ recorded: to, here }) => [here, to]);
}

export function answerRecorded({ response, errors }: Recorded): Answer {
    return errors === undefined ? { response } : { response, error: errors[0] };
}

/** Either answer, without what is a different one each time. */
export function comparable(call: Recorded, answer: Answer): Answer {
    return EXCEPTIONS.filter((each) => each.concerns(call, answer)).reduce((all, each) => each.without(all), answer);
}

function replaced<T>(value: T, words: readonly Word[], pair: (word: Word) => [string, string]): T {
    const text = words.map(pair).reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(value));
    return JSON.parse(text) as T;
}
