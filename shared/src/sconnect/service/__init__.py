"""What every process of the product shares: settings, logs, health, start and graceful stop."""

from sconnect.service.command import ServiceBuilder, service_command
from sconnect.service.lifecycle import Service, run_service
from sconnect.service.logs import configure_logs
from sconnect.service.settings import CommonSettings, ServiceSettings, read_settings

__all__ = [
    "CommonSettings",
    "Service",
    "ServiceBuilder",
    "ServiceSettings",
    "configure_logs",
    "read_settings",
    "run_service",
    "service_command",
]
