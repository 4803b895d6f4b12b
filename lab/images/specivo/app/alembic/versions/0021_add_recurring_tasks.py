"""Add recurring tasks: recurring_patterns, recurrence_exceptions, issue columns.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE recurring_patterns (
            id serial PRIMARY KEY,
            project_id integer NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
            tracker_id integer NOT NULL REFERENCES trackers(id),
            priority_id integer NOT NULL REFERENCES issue_priorities(id),
            author_id integer NOT NULL REFERENCES users(id),
            subject varchar(255) NOT NULL,
            description text,
            frequency varchar(10) NOT NULL CHECK (frequency IN ('daily', 'weekly', 'monthly')),
            every integer NOT NULL DEFAULT 1 CHECK (every > 0),
            next_occurrence date NOT NULL,
            ends_on date,
            lead_time_days integer,
            is_active boolean NOT NULL DEFAULT true,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )"""
    )
    op.execute(
        """CREATE TABLE recurrence_exceptions (
            id serial PRIMARY KEY,
            pattern_id integer NOT NULL REFERENCES recurring_patterns(id) ON DELETE CASCADE,
            occurrence_date date NOT NULL,
            reason text,
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (pattern_id, occurrence_date)
        )"""
    )
    op.execute(
        """ALTER TABLE issues
            ADD COLUMN recurring_pattern_id integer REFERENCES recurring_patterns(id) ON DELETE SET NULL,
            ADD COLUMN occurrence_date date"""
    )
    op.execute("CREATE INDEX ix_issues_due_date ON issues (due_date)")
    op.execute(
        """CREATE UNIQUE INDEX uq_issues_pattern_occurrence ON issues (recurring_pattern_id, occurrence_date)
            WHERE recurring_pattern_id IS NOT NULL"""
    )


def downgrade() -> None:
    op.execute("DROP INDEX uq_issues_pattern_occurrence")
    op.execute("DROP INDEX ix_issues_due_date")
    op.execute("ALTER TABLE issues DROP COLUMN occurrence_date, DROP COLUMN recurring_pattern_id")
    op.execute("DROP TABLE recurrence_exceptions")
    op.execute("DROP TABLE recurring_patterns")
