"""Settings, database, Redis, secrets and logging."""
