from sconnect.persistence.migrations import run_migrations

run_migrations()
