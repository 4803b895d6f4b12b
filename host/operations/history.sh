help_history() {
    cat <<'TEXT'
Usage: specivo-host history < input.json

Tells how each transition of this instance went, oldest first: {"transitions": [{"id", "direction", "from", "to", "state", "reason", "began",
"ended", "outageMs", "backup", "revisions": {"before", "after"}, "images": {"before", "after"}, "digest", "steps": [{"step", "at", "seconds"}], "text"}]}.
The state is `begun`, `finished`, `failed` (nothing was changed, or see the reason), `recovered` or `superseded`; outageMs is for how
long nobody was served, seen through nginx; text is all of it in one line. The lines go to stderr too, or only that of a transition
that is named.
Input: {"installDir": "/opt/specivo", "transition": {"id": "0.1.9-to-0.1.10#1"}}
TEXT
}

operation_history() {
    instance_require
    local history
    history=$(history_read)
    jq -r --arg only "$(input .transition.id)" '.transitions[] | select($only == "" or .id == $only) | .text' <<<"$history" >&2
    result "$history"
}

history_read() {
    ledger_lines | jq -cs '
        def history_text:
            "\(.began)  \(.id)  \(.direction) \(.state)"
            + (if .ended then " after \((.ended | fromdate) - (.began | fromdate)) s" else "" end)
            + (if .steps == [] then "" else " (" + (.steps | map("\(.step) \(.seconds)") | join(", ")) + ")" end)
            + (if .outageMs == null then "" else ", nobody served for \(.outageMs) ms" end)
            + ", schema \(.revisions.before)" + (.revisions | if .after == null or .after == .before then "" else " -> \(.after)" end)
            + (if .backup then ", backup \(.backup[0:8])" else "" end)
            + (if .digest then ", image \(.digest[0:19])" else "" end)
            + (if .reason then ": \(.reason)" else "" end);
        . as $lines
        | {transitions: (map(select(.kind == "transition" and .state == "begun")) | map(. as $begun
            | ($lines | map(select(.kind == "transition" and .id == $begun.id)) | last) as $last
            | ($lines | map(select(.kind == "step" and .transition == $begun.id))) as $steps
            | ($steps | map({(.step): .result}) | add // {}) as $of
            | {
                id: $begun.id, direction: $begun.direction, from: $begun.from, to: $begun.to, state: $last.state, reason: $last.reason,
                began: $begun.at, ended: (if $last.state == "begun" then null else $last.at end), outageMs: $of.rollout.outageMs,
                backup: $of.backup.id, revisions: {before: $begun.fromRevision, after: $of.pin.revision},
                images: {before: $begun.back.image, after: $of.pin.image}, digest: $begun.digest,
                steps: ($steps | map({step, at, seconds: .result.seconds}))
            }
            | .text = history_text))}'
}
