from sconnect.persistence import run_migrations

run_migrations()
