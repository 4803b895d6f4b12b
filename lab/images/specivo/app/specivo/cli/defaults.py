"""What a fresh Specivo has in it, and what every start forces back. Rows are found by name (presets by slug)."""

from typing import Any

from specivo.core.release import get_release

HAS = get_release().has_migration


def kind_of_status(category: str) -> dict[str, Any]:
    return {"category": category} if HAS("0011") else {"is_closed": category == "done"}


STATUSES = [
    {"name": name, "position": n, "default_done_ratio": done_ratio, **kind_of_status(category)}
    for n, (name, category, done_ratio) in enumerate(
        [
            ("New", "backlog", 0),
            ("In Progress", "active", None),
            ("Resolved", "active", 100),
            ("Feedback", "active", None),
            ("Closed", "done", 100),
            ("Rejected", "done", None),
        ],
        1,
    )
]

TRACKERS = [{"name": name, "position": n} for n, name in enumerate(["Bug", "Feature", "Task", "Support"], 1)]

PRIORITIES = [
    {"name": name, "position": n, "is_default": name == "Normal"}
    for n, name in enumerate(["Low", "Normal", "High", "Urgent", "Immediate"], 1)
]

DEVELOPER = ["view_issues", "add_issues", "edit_issues", "add_comments", "log_time", "edit_wiki"]
if HAS("0019"):
    DEVELOPER.append("manage_sprints")
if HAS("0022"):
    DEVELOPER.append("manage_recurring_tasks")
REPORTER = ["view_issues", "add_issues", "add_comments"]
AGENT = ["view_issues", "add_issues", "edit_issues", "add_comments", "edit_wiki"]

ROLES = [
    {"name": name, "position": n, "assignable": name != "Reporter", "permissions": permissions,
     "issues_visibility": "all", "settings": {}}
    for n, (name, permissions) in enumerate(
        [("Manager", ["*"]), ("Developer", DEVELOPER), ("Reporter", REPORTER), ("Agent", AGENT)], 1
    )
]  # fmt: skip

ACTIVITIES = [
    {"name": name, "position": n}
    for n, name in enumerate(["Development", "Design", "Testing", "Meetings", "Support"], 1)
]

# Written only where no role of its kind is there: its permissions are the administrator's from then on.
NON_MEMBER = {"name": "Non member", "position": 0, "builtin": 1, "assignable": False}

PRESETS = [
    {"slug": slug, "name": slug.replace("-", " ").title(), "is_builtin": True, "definition": {"fields": fields}}
    for slug, fields in [
        ("software-development", ["component", "environment", "estimate"]),
        ("bug-triage", ["severity", "reproducible", "affected_version"]),
        ("content-marketing", ["channel", "audience", "publish_date"]),
        ("sprint-planning", ["story_points", "sprint_goal"]),
        ("research-documentation", ["method", "sources"]),
    ]
]

SETTINGS = {"brand_name": "Specivo", "avatar_color_palette": '["#1f77b4", "#2ca02c", "#d62728", "#9467bd"]'}

EMBEDDING_MODEL = {"name": "multilingual-e5-small", "dimensions": 384}

# Which status may follow which, for every tracker, for these roles.
TRANSITION_ROLES = ["Manager", "Developer"]
TRANSITIONS = [
    ("New", "In Progress"),
    ("New", "Rejected"),
    ("In Progress", "Resolved"),
    ("In Progress", "Feedback"),
    ("Feedback", "In Progress"),
    ("Resolved", "Closed"),
    ("Resolved", "In Progress"),
    ("Closed", "In Progress"),
    ("Rejected", "New"),
]
