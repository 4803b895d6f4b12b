"""Commands run as `python -m specivo.cli.<name>`."""
