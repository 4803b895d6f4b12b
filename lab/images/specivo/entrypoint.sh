#!/bin/sh
set -e

echo "Waiting for database..."
python - <<'PYTHON'
import asyncio
import sys

from sqlalchemy import text

from specivo.core.database import create_engine


async def wait() -> None:
    engine = create_engine()
    for attempt in range(30):
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
            return
        except Exception:
            if attempt == 29:
                print("Database not available after 60 s", file=sys.stderr)
                sys.exit(1)
            await asyncio.sleep(2)


asyncio.run(wait())
PYTHON

echo "Running database migrations..."
alembic upgrade head

echo "Seeding default data..."
python -m specivo.cli.seed

if [ -f /app/data/.bootstrap.json ]; then
    echo "Creating admin user from bootstrap file..."
    python -m specivo.cli.admin create
fi

echo "Starting Specivo..."
exec "$@"
