help_ledger() {
    cat <<'TEXT'
Usage: specivo-host ledger < input.json

Prints the record of this instance: {"lines": [every transition, step and backup, oldest first]}.
Input: {"installDir": "/opt/specivo"}
TEXT
}

operation_ledger() {
    instance_require
    result "$(ledger_lines | jq -cs '{lines: .}')"
}
