/** Text that is HTML already. */
export class Html {
    public constructor(public readonly text: string) {}
}

/** What may stand in a template: text is escaped, HTML is not, of several each comes after the other. */
type Value = string | number | Html | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};

function asHtml(value: Value): string {
    if (value instanceof Html) {
        return value.text;
    }
    return typeof value === "object"
        ? value.map(({ text }) => text).join("")
        : // What the page can't hold, and marks that turn the writing direction around, are left out.
          String(value)
              .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
              // eslint-disable-next-line no-control-regex -- these are meant
              .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/g, "");
}

/** The only way to make HTML here, so that nothing gets into the page unescaped. */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
    return new Html(strings.map((part, index) => part + asHtml(values[index] ?? "")).join(""));
}

export const NOTHING = markup``;
