"""The tables of the read model; `migrations/versions` makes them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from sconnect.persistence import Instant, lease_table

metadata = MetaData()

# Everything that was told, whole: the trail of an order, and what its row in `orders` is concluded from.
order_events = Table(
    "order_events",
    metadata,
    Column("id", String, primary_key=True),
    Column("profile", String, nullable=False),
    Column("order_uuid", String, nullable=False),
    Column("type", String, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Index("order_events_of_order", "profile", "order_uuid", "occurred_at"),
)

orders = Table(
    "orders",
    metadata,
    Column("profile", String, nullable=False),
    Column("order_uuid", String, nullable=False),
    Column("order_number", String, nullable=False),
    Column("status", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("replay", Integer, nullable=False),
    Column("heard_revision", Integer, nullable=False),
    Column("heard_replay", Integer, nullable=False),
    Column("replays", Integer, nullable=False),
    Column("reason_code", String),
    Column("reason_variant", String),
    Column("reason_details", Text),
    Column("discarded_by", String),
    Column("discarded_why", Text),
    Column("booking_id", String),
    Column("invoice_number", String),
    Column("total", String),
    Column("customer_number", BigInteger),
    Column("changed_in_shop", Boolean, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # The shop's date as a text that sorts; the number likewise; `total` once more, as a number of cents.
    Column("ordered_on", String, nullable=False, server_default=""),
    Column("sort_number", String, nullable=False, server_default=""),
    Column("buyer_name", String),
    Column("search_text", String, nullable=False, server_default=""),
    Column("total_cents", BigInteger),
    PrimaryKeyConstraint("profile", "order_uuid"),
    Index("orders_by_number", "profile", "order_number"),
    Index("orders_by_status", "profile", "status"),
    # The list, the newest first; with the text in it, a search reads the index alone.
    Index("orders_newest", "ordered_on", "sort_number", "profile", "order_uuid", "search_text"),
    Index(
        "orders_newest_of_status",
        "status",
        "ordered_on",
        "sort_number",
        "profile",
        "order_uuid",
        "search_text",
    ),
    Index("orders_newest_of_profile", "profile", "ordered_on", "sort_number", "order_uuid", "search_text"),
    Index(
        "orders_newest_of_profile_and_status",
        "profile",
        "status",
        "ordered_on",
        "sort_number",
        "order_uuid",
        "search_text",
    ),
    Index("orders_newest_of_reason", "reason_code", "ordered_on", "sort_number", "profile", "order_uuid"),
    Index(
        "orders_newest_of_reason_and_profile",
        "reason_code",
        "profile",
        "ordered_on",
        "sort_number",
        "order_uuid",
        sqlite_where=text("reason_code IS NOT NULL"),
        postgresql_where=text("reason_code IS NOT NULL"),
    ),
    Index("orders_by_day", "ordered_on", "status", "total_cents"),
)

# `outgoing_*` is a replay that still has to be published: written first, published, then cleared.
dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", String, primary_key=True),
    Column("profile", String, nullable=False),
    Column("order_uuid", String),
    Column("order_number", String),
    Column("revision", Integer),
    Column("replay", Integer),
    Column("service", String, nullable=False),
    Column("queue", String),
    Column("reason_code", String, nullable=False),
    Column("reason_variant", String),
    Column("reason_details", Text, nullable=False),
    Column("suggestions", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("message", Text),
    Column("state", String, nullable=False),
    Column("copy_held", Boolean, nullable=False),
    Column("discarded_by", String),
    Column("discarded_why", Text),
    Column("decided_at", Instant),
    Column("outgoing_queue", String),
    Column("outgoing_id", String),
    Column("outgoing_body", Text),
    # The place of the profile's ledgers that the order waits for, as `revenue.nl_high`.
    Column("ledger_field", String),
    Index("dead_letters_by_state", "state", "since"),
    Index("dead_letters_of_reason", "state", "reason_code", "since", "id"),
    # With the queue in it, what waits is counted from the index alone: a row holds its whole message.
    Index("dead_letters_of_reason_and_profile", "state", "reason_code", "profile", "since", "id", "queue"),
    Index("dead_letters_of_profile", "state", "profile", "since", "id"),
    Index("dead_letters_of_ledger", "state", "ledger_field", "profile"),
    Index("dead_letters_decided", "decided_at", "id"),
    Index("dead_letters_put_away", "state", "decided_at", "id"),
    Index("dead_letters_of_order", "profile", "order_uuid"),
    Index("dead_letters_of_queue", "queue", "copy_held"),
)

letter_jobs = Table(
    "letter_jobs",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("selection", Text, nullable=False),
    Column("way", String, nullable=False),
    Column("decision_kind", String),
    Column("decision_value", String),
    Column("why", Text),
    Column("requested_by", String, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Index("letter_jobs_open", "finished_at", "requested_at"),
)

# The letters that a job was asked to take, as they were chosen when it was asked.
letter_job_items = Table(
    "letter_job_items",
    metadata,
    Column("job_id", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("letter_id", String, nullable=False),
    Column("order_number", String),
    Column("outcome", String, nullable=False),
    Column("trouble_key", String),
    Column("trouble_details", Text),
    PrimaryKeyConstraint("job_id", "position"),
    Index("letter_job_items_by_outcome", "job_id", "outcome", "position"),
)

import_runs = Table(
    "import_runs",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("profile", String, nullable=False),
    Column("requested_at", Instant),
    Column("requested_by", String),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("order_uuids", Text),
    Column("next_order_number", BigInteger),
    Column("missing_numbers", Text),
    Column("failure_code", String),
    Column("failure_variant", String),
    Column("failure_details", Text),
    Index("import_runs_of_profile", "profile", "finished_at"),
)

profile_states = Table(
    "profile_states",
    metadata,
    Column("profile", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("reason_code", String),
    Column("reason_variant", String),
    Column("reason_details", Text),
    Column("occurred_at", Instant, nullable=False),
    PrimaryKeyConstraint("profile", "stage"),
)

people = Table(
    "people",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_signed_in_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("address", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("notice", String),
    Index("sessions_of_person", "name"),
)

# One row per counted attempt and per thing it counts for: `account:…` or `address:…`.
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("counts_for", String, nullable=False),
    Column("at", Instant, nullable=False),
    Index("sign_in_attempts_by_subject", "counts_for", "at"),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", String, nullable=False),
    Index("actions_by_time", "at"),
)

# What the booking-writer found wrong with a profile's ledgers at its last look at the books.
ledger_findings = Table(
    "ledger_findings",
    metadata,
    Column("profile", String, primary_key=True),
    Column("profile_version", Integer, nullable=False),
    Column("findings", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
)

customer_links = Table(
    "customer_links",
    metadata,
    Column("link_id", String, primary_key=True),
    Column("profile", String, nullable=False),
    Column("customer_number", BigInteger),
    Column("customer_name", Text),
    Column("buyer", Text),
    Column("order_number", String),
    Column("decided_by", String),
    Column("decided_at", Instant),
    Column("forgotten", Boolean),
    Index("customer_links_of_profile", "profile", "decided_at"),
)

# What each channel told people of and is still so; and how the channel itself does.
notices_told = Table(
    "notices_told",
    metadata,
    Column("channel", String, nullable=False),
    Column("subject", String, nullable=False),
    PrimaryKeyConstraint("channel", "subject"),
)

notice_channels = Table(
    "notice_channels",
    metadata,
    Column("channel", String, primary_key=True),
    Column("last_sent_at", Instant),
    Column("last_count", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant),
    Column("trouble_at", Instant),
    Column("trouble_key", String),
    Column("trouble_details", Text),
)

# Never who it was.
erasures = Table(
    "erasures",
    metadata,
    Column("id", String, primary_key=True),
    Column("requested_by", String, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("orders_kept", Integer, nullable=False),
    Column("orders_unfinished", Integer, nullable=False),
    Column("answered_at", Instant),
    Column("erased", Text),
    Column("under_way", Integer),
    Column("customer_numbers", Text),
)

leases = lease_table(metadata)
