#!/bin/sh
# Runs the command that is given, else the service that the image was built for.
set -eu
# RabbitMQ's address holds a password: it comes from a file, as `docker inspect` shows the environment.
if [ -n "${AMQP_URL_FILE:-}" ]; then
    SCONNECT_AMQP_URL=$(cat "$AMQP_URL_FILE")
    export SCONNECT_AMQP_URL
fi
[ $# -gt 0 ] || set -- python -m "$(echo "$SERVICE" | tr - _)"
exec "$@"
