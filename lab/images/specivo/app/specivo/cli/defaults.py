"""What a fresh Specivo has in it, and what every start forces back. Rows are found by name (presets by slug)."""

STATUSES = [
    {"name": "New", "position": 1, "category": "backlog", "default_done_ratio": 0},
    {"name": "In Progress", "position": 2, "category": "active", "default_done_ratio": None},
    {"name": "Resolved", "position": 3, "category": "active", "default_done_ratio": 100},
    {"name": "Feedback", "position": 4, "category": "active", "default_done_ratio": None},
    {"name": "Closed", "position": 5, "category": "done", "default_done_ratio": 100},
    {"name": "Rejected", "position": 6, "category": "done", "default_done_ratio": None},
]

TRACKERS = [{"name": name, "position": n} for n, name in enumerate(["Bug", "Feature", "Task", "Support"], 1)]

PRIORITIES = [
    {"name": name, "position": n, "is_default": name == "Normal"}
    for n, name in enumerate(["Low", "Normal", "High", "Urgent", "Immediate"], 1)
]

DEVELOPER = ["view_issues", "add_issues", "edit_issues", "add_comments", "log_time", "edit_wiki", "manage_sprints"]
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
