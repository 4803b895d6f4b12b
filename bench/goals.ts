import { groupsOf, median, type Results } from "./results";
import type { Run } from "./scenarios";

/** What was to be reached: at most `most`, as a share of what the other one takes, or so much more than it, or as it is. */
interface Goal {
    readonly name: string;
    readonly data: string;
    readonly scenario: string;
    readonly of: (run: Run) => number | undefined;
    readonly unit: string;
    readonly as: "share" | "more" | "is";
    readonly most: number;
}

const wall = (run: Run) => run.wall;
const failed = (run: Run) => run.taken?.failed;
const outage = (run: Run) => run.taken && run.taken.outageMs / 1000;
const sent = (run: Run) => run.taken && run.taken.bytesSent / 1e6;
const disk = (run: Run) => run.taken && run.taken.disk / 1e6;
const overhead = (run: Run) => run.overhead;

function goal(
    name: string,
    [scenario, data]: readonly [string, string],
    [of, unit]: readonly [Goal["of"], string],
    as: Goal["as"],
    most: number,
): Goal {
    return { name, scenario, data, of, unit, as, most };
}

const [FIRST, SECOND, BACK] = ["first upgrade", "second upgrade", "rollback"] as const;

const GOALS: readonly Goal[] = [
    goal("first upgrade", [FIRST, "small"], [wall, "s"], "share", 1),
    goal("second upgrade", [SECOND, "small"], [wall, "s"], "share", 1),
    goal("second upgrade, large data", [SECOND, "large"], [wall, "s"], "share", 0.3),
    ...[FIRST, SECOND, BACK].map((scenario) =>
        goal(`failed requests, ${scenario}`, [scenario, "small"], [failed, ""], "is", 0),
    ),
    goal("outage with migrations", ["upgrade with migrations", "small"], [outage, "s"], "share", 1),
    ...["small", "large"].flatMap((data) => [
        goal(`sent off the host, second upgrade, ${data} data`, [SECOND, data], [sent, "MB"], "share", 0.05),
        goal(`peak extra disk, second upgrade, ${data} data`, [SECOND, data], [disk, "MB"], "share", 0.5),
    ]),
    goal("up with nothing to do", ["no-op up", "small"], [wall, "s"], "more", 2),
    goal("preview", ["preview", "small"], [wall, "s"], "more", 2),
    goal("what the steps add, second upgrade", [SECOND, "small"], [overhead, "s"], "is", 6),
];

/** A table of what was measured of the goals, medians. The other one is the how-to, or for what changes nothing an empty program. */
export function goals({ date, commit, machine, runs }: Results): string {
    const groups = groupsOf(runs);
    const rows = GOALS.flatMap(({ name, data, scenario, of, unit, as, most }) => {
        const same = groups.filter((group) => group.data === data && group.scenario === scenario);
        const middle = (ours: boolean) => {
            const values = same
                .filter(({ contender }) => (contender === "this program") === ours)
                .flatMap((group) => group.same.flatMap((run) => of(run) ?? []));
            return values.length === 0 ? undefined : median(values);
        };
        const [ours, other] = [middle(true), middle(false)];
        if (ours === undefined || (other === undefined && as !== "is")) {
            return [];
        }
        const text = (value: number) => `${Number(value.toPrecision(3))} ${unit}`.trim();
        const [goal, reached, is] = {
            share: [`at most ${most} of it`, ours / (other ?? 0), (value: number) => value.toFixed(2)],
            more: [
                `at most ${most} ${unit} more`,
                ours - (other ?? 0),
                (value: number) => `${value.toFixed(1)} ${unit} more`,
            ],
            is: [`at most ${most} ${unit}`.trim(), ours, () => ""],
        }[as] as [string, number, (value: number) => string];
        const cells = [
            name,
            other === undefined ? "" : text(other),
            text(ours),
            is(reached),
            goal,
            reached <= most ? "yes" : "**no**",
        ];
        return [`| ${cells.join(" | ")} |`];
    });
    return `Medians of what \`npm run bench\` measured on ${date} at ${commit}, on ${machine}:

| | by hand, or an empty program | this program | | goal | reached |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

/** The page with that table in it, where it was before. */
export function withGoals(page: string, results: Results): string {
    return page.replace(
        /(<!-- npm run bench -->\n)[^]*?(<!-- end -->)/,
        (_, begin, end) => `${begin}\n${goals(results)}\n${end}`,
    );
}
