import { groupsOf, median, type Results } from "./results";

const WIDTH = 760;
const LABEL = 300;
const ROW = 22;
const COLOURS: Readonly<Record<string, string>> = { "this program": "#2563eb", "the how-to": "#94a3b8" };

/** Seconds of each scenario as bars, one a contender, as an SVG that needs nothing else. */
export function chart({ runs, date }: Results): string {
    const groups = groupsOf(runs).map(({ data, scenario, contender, same }) => ({
        text: `${scenario} (${data}), ${contender}`,
        contender,
        seconds: median(same.map(({ wall }) => wall)),
    }));
    const longest = Math.max(...groups.map(({ seconds }) => seconds), 1);
    const bars = groups.map(({ text, contender, seconds }, index) => {
        const y = 30 + index * ROW;
        const length = ((WIDTH - LABEL - 60) * seconds) / longest;
        return `<text x="${LABEL - 8}" y="${y + 14}" text-anchor="end">${text}</text>
<rect x="${LABEL}" y="${y + 3}" width="${length.toFixed(1)}" height="${ROW - 6}" fill="${COLOURS[contender] ?? "#cbd5e1"}"/>
<text x="${(LABEL + length + 5).toFixed(1)}" y="${y + 14}">${seconds.toFixed(1)} s</text>`;
    });
    const height = 40 + groups.length * ROW;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<text x="8" y="18" font-weight="bold">Seconds, median, ${date}</text>
${bars.join("\n")}
</svg>
`;
}
